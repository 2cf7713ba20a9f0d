//! Scoring formulas, and reading and checking a submission against its answers.
