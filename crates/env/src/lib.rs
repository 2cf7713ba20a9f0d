//! The Gym-style environment: actions, observations, rewards, episodes and their log.
