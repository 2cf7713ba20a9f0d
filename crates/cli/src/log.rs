//! What the libraries have to say beside their results: warnings, on stderr.

use std::io::Write as _;

/// Shows warnings, or what `MLEDOJO_LOG` asks for (`off`, `error`, `warn`, `info`, `debug`).
pub(crate) fn init() {
    let wanted = env_logger::Env::new().filter_or("MLEDOJO_LOG", "warn");
    env_logger::Builder::from_env(wanted)
        .format(|to, record| {
            let level = record.level().as_str().to_lowercase();
            // Whatever is asked for, requests and answers aren't shown: credentials and signed addresses are in them.
            let is_http = ["ureq", "rustls"].iter().any(|library| record.target().starts_with(library));
            if is_http && !["error", "warn"].contains(&level.as_str()) {
                return Ok(());
            }
            writeln!(to, "{level}: {}", record.args())
        })
        .init();
}
