//! The command line's words.

use std::path::PathBuf;

use clap::{ArgGroup, Args as Group, Parser, Subcommand};
use strongroom_core::Millis;

const EXIT_CODES: &str = "\
Secrets are typed at a prompt or read from files, never given as arguments. STRONGROOM_PASSPHRASE_FILE and
STRONGROOM_RECOVERY_PHRASE_FILE name such files too.

Exit codes: 0 all well; 1 failed; 2 wrong usage; 3 finished, but some files were left out or something is damaged
(each is named); 4 the passphrase or recovery phrase does not open the vault.";

const PATTERNS: &str = "\
Leave out what matches; may be given several times.

`*.iso` and `Thumbs.db` are names at any depth, whatever the case of ASCII letters; `node_modules/` matches folders only.
With a `/` before its end a pattern is a path in the snapshot, where each PATH lies under its own name:
`/documents/old`, `work/*/build`, `work/**/tmp`. `*` stands for any characters of a name, `?` for one, `**` for any
folders, `\\` makes the next character an ordinary one. What is in a folder that matches goes with it, and --exclude wins
over --include. The page knows the same patterns.";

/// Encrypted backups in a folder, a bucket or at a server; a bare copy of what a server stores will do to restore from.
#[derive(Debug, Parser)]
#[command(name = "strongroom", version, after_help = EXIT_CODES)]
pub struct Args {
    /// Print one JSON object on stdout; progress and warnings stay on stderr.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a vault and print its recovery phrase, once.
    Init(Init),
    /// Back up files and folders as a new snapshot.
    Backup(Backup),
    /// List the snapshots.
    Snapshots(Snapshots),
    /// List a folder of a snapshot.
    Ls(Ls),
    /// Restore files and folders of a snapshot.
    Restore(Restore),
    /// Check that everything that the snapshots need is there and undamaged.
    Verify(Verify),
    /// Forget snapshots: those that are named, or all but those that rules keep. Nothing is erased yet.
    Forget(Forget),
    /// Erase what no snapshot needs any more, after a delay: what was doomed long enough ago now, what is needless now then.
    Prune(Prune),
    /// List what is to be erased, and when, or call it off.
    Erasures(Erasures),
    /// Put another passphrase in the place of the vault's. The recovery phrase stays as it is.
    Passphrase(Passphrase),
    /// Try a bucket out: say what is wrong with it, and print what to set.
    Doctor(Doctor),
}

/// How long what is doomed can still be called off.
#[derive(Debug, Group)]
pub struct DelayArgs {
    /// How long what is doomed waits before it is erased, in seconds, minutes, hours, days or weeks. A server keeps a delay of its own,
    /// whatever is given here. In a folder or bucket it is counted by this computer's clock, and who can write there can erase without it.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = span, env = "STRONGROOM_ERASE_DELAY")]
    pub erase_delay: Millis,
}

/// Where vaults lie.
#[derive(Debug, Group)]
pub struct PlaceArgs {
    /// Folder that holds the vault, or s3://BUCKET/PREFIX with keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and
    /// AWS_SESSION_TOKEN where keys come with one).
    #[arg(short = 'r', long = "vault", value_name = "DIR", env = "STRONGROOM_VAULT", required_unless_present = "server")]
    pub directory: Option<PathBuf>,
    /// Address of the server that holds the vault, instead of a folder.
    #[arg(long, value_name = "URL", conflicts_with = "directory", requires = "name")]
    pub server: Option<String>,
    /// Name of the vault at the server.
    #[arg(long, value_name = "NAME", requires = "server")]
    pub name: Option<String>,
    #[command(flatten)]
    pub bucket: BucketArgs,
}

/// How a bucket is reached.
#[derive(Debug, Group)]
pub struct BucketArgs {
    /// Of a bucket: its server. Amazon's of the region, when not given.
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL")]
    pub endpoint: Option<String>,
    /// Of a bucket: its region.
    #[arg(long, value_name = "REGION", env = "AWS_REGION", default_value = "us-east-1")]
    pub region: String,
    /// Of a bucket: its name stands in the host, https://BUCKET.HOST/.
    #[arg(long)]
    pub virtual_host: bool,
}

/// Which vault.
#[derive(Debug, Group)]
pub struct VaultArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Id of the vault, when the folder or bucket holds several.
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
}

/// What opens it.
#[derive(Debug, Group)]
#[command(group = ArgGroup::new("secret").multiple(false))]
pub struct SecretArgs {
    /// File that holds the passphrase, on one line.
    #[arg(long, value_name = "FILE", group = "secret")]
    pub passphrase_file: Option<PathBuf>,
    /// File that holds the recovery phrase.
    #[arg(long, value_name = "FILE", group = "secret")]
    pub recovery_phrase_file: Option<PathBuf>,
    /// Ask for the recovery phrase instead of the passphrase.
    #[arg(long, group = "secret")]
    pub recovery: bool,
}

#[derive(Debug, Group)]
pub struct Init {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// File that holds the passphrase, on one line.
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Write the recovery phrase to this new file instead of printing it; only you can read it.
    #[arg(long, value_name = "FILE")]
    pub recovery_phrase_out: Option<PathBuf>,
    /// For vaults of many terabytes: larger chunks (1 MiB), a smaller index.
    #[arg(long)]
    pub large: bool,
}

#[derive(Debug, Group)]
pub struct Backup {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// Files and folders; each lies under its own name in the snapshot.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Name of this backup set; files are compared with its newest snapshot.
    #[arg(long, default_value = "")]
    pub label: String,
    /// Leave out what matches; may be given several times.
    #[arg(long, value_name = "PATTERN", long_help = PATTERNS)]
    pub exclude: Vec<String>,
    /// Take only what matches; may be given several times.
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<String>,
    /// Read every file, also those whose size and time have not changed.
    #[arg(long)]
    pub reread: bool,
    /// Back up although the storage shows an older state than this computer has seen before.
    #[arg(long)]
    pub accept_rollback: bool,
}

#[derive(Debug, Group)]
pub struct Snapshots {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
}

#[derive(Debug, Group)]
pub struct Ls {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// Folder inside the snapshot; its root when not given.
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// `latest`, or the first digits of a snapshot's id.
    #[arg(long, default_value = "latest", value_name = "ID")]
    pub snapshot: String,
    /// Sizes and times too.
    #[arg(short, long)]
    pub long: bool,
}

#[derive(Debug, Group)]
pub struct Restore {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// Files and folders of the snapshot; everything when none is given.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// `latest`, or the first digits of a snapshot's id.
    #[arg(long, default_value = "latest", value_name = "ID")]
    pub snapshot: String,
    /// Folder to restore into; made when it is not there. What lies in it already and is what was backed up, by its content, is left as it is
    /// and not fetched: a restore that was cut off goes on.
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Replace files that are there already.
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Group)]
pub struct Doctor {
    /// s3://BUCKET/PREFIX, with keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN where keys come with one).
    #[arg(value_name = "BUCKET")]
    pub place: PathBuf,
    #[command(flatten)]
    pub bucket: BucketArgs,
    /// Origin of the page that is to reach it, https://backup.example.com.
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Option<String>,
    /// Whose bucket it is, where its address does not tell: aws, r2, b2, minio or garage.
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
}

#[derive(Debug, Group)]
pub struct Verify {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// Read every byte of every pack, not only the structure.
    #[arg(long)]
    pub data: bool,
}

#[derive(Debug, Group)]
pub struct Forget {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// Snapshots to forget, by the first digits of their ids.
    #[arg(value_name = "ID", conflicts_with = "keep")]
    pub snapshots: Vec<String>,
    #[command(flatten)]
    pub keep: KeepArgs,
    /// Only say what would be forgotten.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

/// Which snapshots to keep, of each label by itself. Hours, days, weeks, months and years are those of UTC; only those count in
/// which there is a snapshot, and the newest of each is kept.
#[derive(Debug, Group)]
#[group(id = "keep", multiple = true)]
pub struct KeepArgs {
    /// The newest so many.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub keep_last: u32,
    /// One for each of so many hours.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub keep_hourly: u32,
    /// One for each of so many days.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub keep_daily: u32,
    /// One for each of so many weeks, which begin on Monday.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub keep_weekly: u32,
    /// One for each of so many months.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub keep_monthly: u32,
    /// One for each of so many years.
    #[arg(long, value_name = "COUNT", default_value_t = 0, hide_default_value = true)]
    pub keep_yearly: u32,
    /// All that are no older than this, such as 36h, 30d or 8w.
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub keep_within: Option<Millis>,
    /// All with this label. May be repeated.
    #[arg(long, value_name = "LABEL")]
    pub keep_tag: Vec<String>,
}

#[derive(Debug, Group)]
pub struct Prune {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    #[command(flatten)]
    pub delay: DelayArgs,
    /// Packs of which less than so many per cent are needed are written anew, so that the rest of them can go.
    #[arg(long, value_name = "PERCENT", default_value_t = 50, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub threshold: u8,
    /// Only say what it would free.
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask.
    #[arg(long)]
    pub yes: bool,
}

#[derive(Debug, Group)]
pub struct Erasures {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    #[command(flatten)]
    pub delay: DelayArgs,
    /// Call off the erasure that begins with these digits, and bring its snapshots back.
    #[arg(long, value_name = "ID")]
    pub cancel: Option<String>,
}

#[derive(Debug, Group)]
pub struct Passphrase {
    #[command(flatten)]
    pub vault: VaultArgs,
    #[command(flatten)]
    pub secret: SecretArgs,
    /// File that holds the new passphrase, on one line.
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
}

/// `10s`, `30m`, `12h`, `7d` or `4w`, in milliseconds.
fn span(text: &str) -> Result<Millis, String> {
    let wrong = || String::from("a time is a number and a unit, such as 10s, 30m, 12h, 7d or 4w");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        "w" => 7 * 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    Ok(Millis::from(number) * seconds * 1_000)
}
