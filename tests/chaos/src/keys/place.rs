//! Where an issuer publishes: by HTTP, or in a file.

use std::{fs, path::PathBuf};

use super::{Answer, Server, Trouble};

pub enum Place {
    Server(Server),
    File(PathBuf),
}

impl Place {
    /// Publishes the document, or what stands in its place. `begins` is called when somebody may first read it, and
    /// `has_begun` when nobody reads anything else.
    pub async fn publish(
        &self,
        document: String,
        trouble: Option<Trouble>,
        begins: impl FnOnce(),
        has_begun: impl FnOnce(),
    ) {
        match self {
            Self::Server(server) => server.answer(Answer { trouble, document }, begins).await,
            Self::File(path) => {
                begins();
                write(path, &document, trouble);
            }
        }
        has_begun();
    }

    /// What can go wrong here.
    pub fn troubles(&self) -> &'static [Trouble] {
        match self {
            Self::Server(_) => &Trouble::OF_SERVERS,
            Self::File(_) => &Trouble::OF_FILES,
        }
    }
}

fn write(path: &PathBuf, document: &str, trouble: Option<Trouble>) {
    if path.is_dir() {
        fs::remove_dir(path).unwrap();
    }
    match trouble {
        Some(Trouble::Away) => fs::remove_file(path).unwrap(),
        Some(Trouble::Directory) => {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }
        // In place, as a careless program does it.
        Some(trouble) => fs::write(path, trouble.body(document)).unwrap(),
        None => {
            let new = path.with_extension("new");
            fs::write(&new, document).unwrap();
            fs::rename(new, path).unwrap();
        }
    }
}
