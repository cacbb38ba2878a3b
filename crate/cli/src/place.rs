//! Where the arguments say that vaults lie.

use std::{env, path::Path};

use strongroom_bucket::Config;
use strongroom_core::{Code, Error};

use crate::{
    args::{BucketArgs, PlaceArgs},
    host::{Broker, Bucket, Storage, bucket_address},
};

impl PlaceArgs {
    /// # Errors
    /// `BadRequest` when they name no place.
    pub fn storage(&self) -> Result<Storage, Error> {
        if let Some(server) = &self.server {
            return Ok(Storage::Broker(Broker::new(server)));
        }
        let place = self.directory.as_deref().unwrap_or(Path::new("."));
        Ok(match bucket_address(place) {
            Some(_) => Storage::Bucket(self.bucket.open(place)?),
            None => Storage::directory(place),
        })
    }

    /// The folder, if it is one.
    pub fn folder(&self) -> Option<&Path> {
        self.directory.as_deref().filter(|place| bucket_address(place).is_none())
    }

    /// For people.
    pub fn display(&self) -> String {
        match (&self.server, &self.directory) {
            (Some(server), _) => server.clone(),
            (None, place) => place.as_deref().unwrap_or(Path::new(".")).display().to_string(),
        }
    }
}

impl BucketArgs {
    /// # Errors
    /// `BadRequest` when this is no bucket's address, or there are no keys.
    pub fn open(&self, place: &Path) -> Result<Bucket, Error> {
        let wrong = |why: &str| Error::new(Code::BadRequest, format!("{}: {why}.", place.display()));
        let (bucket, prefix) = bucket_address(place).ok_or_else(|| wrong("a bucket is like s3://bucket/prefix"))?;
        let key = |name: &str| {
            env::var(name).map_err(|_| wrong(&format!("{name} is not set; keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")))
        };
        let config = Config {
            endpoint: self.endpoint(),
            bucket,
            region: self.region.clone(),
            prefix,
            virtual_host: self.virtual_host,
            key_id: key("AWS_ACCESS_KEY_ID")?,
            secret: key("AWS_SECRET_ACCESS_KEY")?,
            session_token: env::var("AWS_SESSION_TOKEN").ok().filter(|token| !token.is_empty()),
        };
        Bucket::new(config).map_err(|why| wrong(&why))
    }

    pub fn endpoint(&self) -> String {
        self.endpoint.clone().unwrap_or_else(|| format!("https://s3.{}.amazonaws.com", self.region))
    }
}
