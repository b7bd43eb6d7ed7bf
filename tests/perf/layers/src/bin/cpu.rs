//! `cpu DIR SECONDS`: nanoseconds of CPU for a call, in each case.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use layers::{Error, cases};
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let dir = PathBuf::from(args.next().ok_or("which folder?")?);
    let span = Duration::from_secs_f64(args.next().ok_or("how many seconds?")?.parse()?);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let cases = cases(&dir).await?;
        let mut passes = vec![Vec::new(); cases.len()];
        let start = Instant::now();
        while start.elapsed() < span || passes.first().is_some_and(|first| first.len() < 3) {
            for (case, times) in cases.iter().zip(&mut passes) {
                times.push(case.pass(cpu).await?);
            }
        }
        for (case, times) in cases.iter().zip(&mut passes) {
            times.sort_by(f64::total_cmp);
            println!("{}\t{:.0}", case.name, times[times.len() / 2]);
        }
        Ok(())
    })
}

/// CPU time of this process, in nanoseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}
