//! What the libraries have to say beside their results: warnings, on stderr.

use std::io::Write as _;

/// Shows warnings, or what `MLEDOJO_LOG` asks for (`off`, `error`, `warn`, `info`, `debug`).
pub(crate) fn init() {
    let wanted = env_logger::Env::new().filter_or("MLEDOJO_LOG", "warn");
    env_logger::Builder::from_env(wanted)
        .format(|to, record| {
            let level = record.level().as_str().to_lowercase();
            writeln!(to, "{level}: {}", record.args())
        })
        .init();
}
