//! `allocations DIR`: allocations of a call, in each case. Counting them takes time, so this is a program of its own.

use std::{alloc::System, path::PathBuf};

use layers::{Error, cases};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), Error> {
    let dir = PathBuf::from(std::env::args().nth(1).ok_or("which folder?")?);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        for case in cases(&dir).await? {
            let count = case.pass(|| COUNTING.stats().allocations as f64).await?;
            println!("{}\t{count:.1}", case.name);
        }
        Ok(())
    })
}
