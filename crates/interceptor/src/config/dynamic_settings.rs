//! The dynamic settings of a running server: one handle, its file read again and again.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio::{task, time};

use super::{dynamic::DynamicConfig, error::ConfigError, observe};
use crate::Settings;

/// The [`DynamicConfig`] of now. Cheap to clone; clones see the same.
#[derive(Debug, Clone, Default)]
pub struct DynamicSettings(Arc<ArcSwap<DynamicConfig>>);

impl DynamicSettings {
    /// Settings that change only by [`replace`](Self::replace).
    pub fn fixed(config: DynamicConfig) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(config)))
    }

    /// The settings of a file, which is read again every `interval` for as long as a clone of them is there. A file that
    /// cannot be used then changes nothing and is logged, once for each way in which it is broken.
    ///
    /// Unlike Temporal's `fileBasedClient` it does not look at the file's time, which a mounted volume may set back.
    ///
    /// # Errors
    /// The file cannot be used now.
    ///
    /// # Panics
    /// Outside of a tokio runtime with its timer enabled.
    pub async fn follow(file: impl Into<PathBuf>, interval: Duration) -> Result<Self, ConfigError> {
        let file = file.into();
        let config = read(&file).await?;
        observe::dynamic_config_read(&file, &config);
        let settings = Self::fixed(config);
        task::spawn(poll(Arc::downgrade(&settings.0), file, interval));
        Ok(settings)
    }

    /// The settings of now, all of one reading.
    pub fn current(&self) -> Arc<DynamicConfig> {
        self.0.load_full()
    }

    /// Puts others in their place.
    pub fn replace(&self, config: DynamicConfig) {
        self.0.store(Arc::new(config));
    }
}

async fn poll(settings: Weak<ArcSwap<DynamicConfig>>, file: PathBuf, interval: Duration) {
    let mut last_error = None;
    loop {
        time::sleep(interval).await;
        if settings.strong_count() == 0 {
            return;
        }
        let read = read(&file).await;
        let Some(settings) = settings.upgrade() else { return };
        match read {
            Ok(config) => {
                last_error = None;
                if **settings.load() != config {
                    observe::dynamic_config_read(&file, &config);
                    settings.store(Arc::new(config));
                }
            }
            Err(error) => {
                let error = error.to_string();
                if last_error.as_ref() != Some(&error) {
                    observe::dynamic_config_broken(&error);
                }
                last_error = Some(error);
            }
        }
    }
}

async fn read(file: &Path) -> Result<DynamicConfig, ConfigError> {
    let path = file.to_owned();
    // The task is cut off only when the runtime shuts down; then nobody asks any more.
    task::spawn_blocking(move || DynamicConfig::from_file(path)).await.unwrap_or_else(|cut| {
        Err(ConfigError::Read { file: file.display().to_string(), source: std::io::Error::other(cut) })
    })
}

impl Settings for DynamicSettings {
    fn cross_namespace_commands(&self) -> bool {
        self.0.load().cross_namespace_commands()
    }

    fn streaming_authorizer_disabled(&self) -> bool {
        self.0.load().streaming_authorizer_disabled()
    }

    fn expose_authorizer_errors(&self) -> bool {
        self.0.load().expose_authorizer_errors()
    }

    fn principal_propagation(&self, namespace: &str) -> bool {
        self.0.load().principal_propagation(namespace)
    }
}
