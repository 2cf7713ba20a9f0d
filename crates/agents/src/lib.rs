//! Agents that play episodes.
