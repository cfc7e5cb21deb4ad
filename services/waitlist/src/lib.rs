//! Walk-in lines: who joins, who is called, in which order.
