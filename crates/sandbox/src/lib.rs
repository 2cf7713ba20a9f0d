//! Running somebody else's Python code: isolation, limits, capture, and the runtime it runs in.
