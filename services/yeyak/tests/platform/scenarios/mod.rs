//! The founding stories, each told in order through REST alone.

mod musical;
