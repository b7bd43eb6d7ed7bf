//! The program itself, started and stopped.

use std::{
    io::Read as _,
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    SOON,
    running::{Config, Directory, free_address},
};

/// Ends with the test, also one that fails.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < SOON, "never came: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn sigterm_ends_the_program_in_peace() {
    let (directory, addr) = (Directory::new(), free_address());
    let config = Config::new(format!("http://{}/keys", free_address()), free_address()).yaml();
    let file = directory.write("temporal.yaml", &config);
    for signal in ["-TERM", "-INT"] {
        let program = Command::new(env!("CARGO_BIN_EXE_temporal-gateway"))
            .args(["serve", "-f", &file, "--drain", "5s", "--listen", &addr.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut program = Program(program);
        let idle = until("the listener", || TcpStream::connect(addr).ok());
        let begun = Instant::now();
        let killed = Command::new("kill").args([signal, &program.0.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let status = until("the end", || program.0.try_wait().unwrap());
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{signal}: an idle connection holds nothing up");
        drop(idle);

        let (mut out, mut log) = (String::new(), String::new());
        program.0.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        program.0.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        assert_eq!(out, "", "{signal}: the log goes to standard error");
        assert!(log.contains("listening") && log.contains("drained"), "{signal}: {log}");
        assert!(log.contains(&addr.to_string()), "{signal}: {log}");
    }
}
