//! A folder as a storage, chosen by the user or in the origin private file system: `<vault>/<kind>/<name>` are files.
//!
//! `createWritable` writes beside the file and replaces it at `close`, so an object is whole or has no bytes; a file
//! without bytes is what a writer that died has left, and counts as absent.

use js_sys::{ArrayBuffer, AsyncIterator, IteratorNext, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemHandle,
    FileSystemHandleKind, FileSystemWritableFileStream,
};

use crate::{
    fault::Fault,
    message::{Listed, ObjectPath},
};

pub struct Directory {
    root: FileSystemDirectoryHandle,
}

impl Directory {
    pub fn new(root: FileSystemDirectoryHandle) -> Self {
        Self { root }
    }

    pub async fn put(&self, object: &ObjectPath, bytes: &ArrayBuffer) -> Result<(), Fault> {
        let what = object.inside();
        let fault = |thrown: JsValue| Fault::of_file_system(&what, &thrown);
        let folder = self.folder(&object.vault, &object.kind, true).await?;
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: FileSystemFileHandle =
            JsFuture::from(folder.get_file_handle_with_options(&object.name, &options)).await.map_err(fault)?.unchecked_into();
        let present: File = JsFuture::from(file.get_file()).await.map_err(fault)?.unchecked_into();
        if present.size() == f64::from(bytes.byte_length()) {
            // Content-named objects of one name are one object; a slot has to be compared.
            if object.kind != "slot" || read(&present).await.map_err(fault)? == Uint8Array::new(bytes).to_vec() {
                return Ok(());
            }
        }
        if object.kind == "slot" && present.size() > 0.0 {
            return Err(Fault::permanent("name_taken", "There is a vault of this id in the folder already."));
        }
        write(&file, bytes).await.map_err(fault)
    }

    /// Puts these bytes in the place of an object: the browser writes them beside it and changes the two at the end.
    pub async fn replace(&self, object: &ObjectPath, bytes: &ArrayBuffer) -> Result<(), Fault> {
        let what = object.inside();
        let fault = |thrown: JsValue| Fault::of_file_system(&what, &thrown);
        let folder = self.folder(&object.vault, &object.kind, true).await?;
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: FileSystemFileHandle =
            JsFuture::from(folder.get_file_handle_with_options(&object.name, &options)).await.map_err(fault)?.unchecked_into();
        write(&file, bytes).await.map_err(fault)
    }

    pub async fn get(&self, object: &ObjectPath, range: Option<(u64, u32)>) -> Result<ArrayBuffer, Fault> {
        let what = object.inside();
        let fault = |thrown: JsValue| Fault::of_file_system(&what, &thrown);
        let folder = self.folder(&object.vault, &object.kind, false).await?;
        let file: FileSystemFileHandle = JsFuture::from(folder.get_file_handle(&object.name)).await.map_err(fault)?.unchecked_into();
        let file: File = JsFuture::from(file.get_file()).await.map_err(fault)?.unchecked_into();
        if file.size() == 0.0 {
            return Err(Fault::permanent("missing", format!("{what} is not in the folder.")));
        }
        let blob: Blob = match range {
            Some((offset, length)) => file.slice_with_f64_and_f64(offset as f64, offset as f64 + f64::from(length)).map_err(fault)?,
            None => file.unchecked_into(),
        };
        Ok(JsFuture::from(blob.array_buffer()).await.map_err(fault)?.unchecked_into())
    }

    pub async fn erase(&self, object: &ObjectPath) -> Result<(), Fault> {
        let removed = match self.folder(&object.vault, &object.kind, false).await {
            Ok(folder) => JsFuture::from(folder.remove_entry(&object.name))
                .await
                .map(drop)
                .map_err(|thrown| Fault::of_file_system(&object.inside(), &thrown)),
            Err(fault) => Err(fault),
        };
        match removed {
            Err(missing) if missing.code == "missing" => Ok(()),
            removed => removed,
        }
    }

    pub async fn list(&self, vault: &str, kind: &str) -> Result<Vec<Listed>, Fault> {
        let fault = |thrown: JsValue| Fault::of_file_system(kind, &thrown);
        let mut found = Vec::new();
        let folder = match self.folder(vault, kind, false).await {
            Err(missing) if missing.code == "missing" => return Ok(found),
            folder => folder?,
        };
        let values: AsyncIterator = folder.values();
        loop {
            let next: IteratorNext = JsFuture::from(values.next().map_err(fault)?).await.map_err(fault)?.unchecked_into();
            if next.done() {
                return Ok(found);
            }
            let handle: FileSystemHandle = next.value().unchecked_into();
            if handle.kind() == FileSystemHandleKind::File {
                let file: File =
                    JsFuture::from(handle.unchecked_ref::<FileSystemFileHandle>().get_file()).await.map_err(fault)?.unchecked_into();
                if file.size() > 0.0 {
                    found.push(Listed { name: handle.name(), length: file.size() as u64 });
                }
            }
        }
    }

    async fn folder(&self, vault: &str, kind: &str, create: bool) -> Result<FileSystemDirectoryHandle, Fault> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(create);
        let mut folder = self.root.clone();
        for name in [vault, kind] {
            folder = JsFuture::from(folder.get_directory_handle_with_options(name, &options))
                .await
                .map_err(|thrown| Fault::of_file_system(name, &thrown))?
                .unchecked_into();
        }
        Ok(folder)
    }
}

async fn write(file: &FileSystemFileHandle, bytes: &ArrayBuffer) -> Result<(), JsValue> {
    let stream: FileSystemWritableFileStream = JsFuture::from(file.create_writable()).await?.unchecked_into();
    JsFuture::from(stream.write_with_buffer_source(bytes)?).await?;
    JsFuture::from(stream.close()).await?;
    Ok(())
}

async fn read(blob: &Blob) -> Result<Vec<u8>, JsValue> {
    Ok(Uint8Array::new(&JsFuture::from(blob.array_buffer()).await?).to_vec())
}
