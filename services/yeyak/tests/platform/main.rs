//! The platform as its users meet it: the real program, driven over REST, through crashes, outages and races.

#[cfg(test)]
mod cluster;
#[cfg(test)]
mod crowds;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod input;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod load;
#[cfg(test)]
mod mesh;
#[cfg(test)]
mod replays;
#[cfg(test)]
mod requirements;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod tokens;
