//! The service against real databases and a real broker.

#[cfg(test)]
mod board;
#[cfg(test)]
mod callers;
#[cfg(test)]
mod ear;
#[cfg(test)]
mod event;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod history;
#[cfg(test)]
mod host;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod live;
#[cfg(test)]
mod overview;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod sample;
