//! What went wrong in earlier implementations, each as a test.

mod booking;
mod money;
