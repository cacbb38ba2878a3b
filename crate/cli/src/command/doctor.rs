//! `strongroom doctor`

use serde_json::json;
use strongroom_bucket::{
    Holder,
    advice::{Provider, advice},
    cors, probe,
};
use strongroom_core::{Code, Error};

use crate::{Ending, args::Doctor, host::bucket_address};

/// Stands for a page's origin in what is printed, where none is given.
const SOME_ORIGIN: &str = "https://backup.example.com";

pub fn run(args: &Doctor, json: bool) -> Result<Ending, Error> {
    let bucket = args.bucket.open(&args.place)?;
    let unknown = |name: &String| Error::new(Code::BadRequest, format!("{name} is none of aws, r2, b2, minio and garage."));
    let provider = match &args.provider {
        Some(name) => Provider::of_name(name).ok_or_else(|| unknown(name))?,
        None => Provider::guess(&args.bucket.endpoint(), &args.bucket.region),
    };
    let probed = futures_executor::block_on(probe(&bucket, bucket.place(), Holder::Keys));
    let barred = match (&args.origin, &probed) {
        (Some(origin), Ok(_)) => {
            let wrong = futures_executor::block_on(cors::check(&bucket, bucket.place(), origin));
            wrong.unwrap_or_else(|why| vec![format!("Whether pages are let in could not be asked: {why}.")])
        }
        _ => Vec::new(),
    };
    let (name, _) = bucket_address(&args.place).unwrap_or_default();
    let advice = advice(provider, &name, bucket.place().prefix(), &[args.origin.as_deref().unwrap_or(SOME_ORIGIN)]);
    if json {
        let advice: Vec<_> =
            advice.iter().map(|one| json!({ "subject": one.subject, "why": one.why, "json": one.json, "how": one.how })).collect();
        let (level, failure, findings, tried) = match &probed {
            Ok(found) => (Some(found.level.as_str()), None, found.findings.clone(), found.tried.clone()),
            Err(why) => (None, Some(why), Vec::new(), Vec::new()),
        };
        let tried: Vec<_> = tried.iter().map(|(what, well)| json!({ "what": what, "well": well })).collect();
        println!(
            "{}",
            json!({ "level": level, "failure": failure, "findings": findings, "cors": barred, "tried": tried, "provider": provider.name(), "advice": advice })
        );
    } else {
        match &probed {
            Ok(found) => {
                println!("The bucket works. Against one who has these keys a vault in it is {}.", found.level.as_str());
                for (what, well) in &found.tried {
                    println!("  {} it {what}", if *well { "yes" } else { "no " });
                }
                for finding in &found.findings {
                    println!("{finding}");
                }
            }
            Err(why) => println!("The bucket cannot be used: {}.", why.trim_end_matches('.')),
        }
        for wrong in &barred {
            println!("{wrong}");
        }
        for one in &advice {
            println!("\n{}: {}", one.subject, one.why);
            if !one.json.is_empty() {
                println!("{}", one.json);
            }
            println!("{}", one.how);
        }
    }
    Ok(if probed.is_ok() && barred.is_empty() { Ending::Whole } else { Ending::Partial })
}
