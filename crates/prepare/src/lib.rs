//! Raw data in, public/ and private/ out.
