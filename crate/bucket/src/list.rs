//! ListObjectsV2.

/// An object of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What comes after the prefix.
    pub name: String,
    pub length: u64,
}

/// The most that S3 gives in one page.
pub const PAGE: usize = 1000;

/// The query of one page. `start-after` rather than a token, so that a list can go on from anywhere.
pub fn list_query(prefix: &str, after: Option<&str>, most: usize) -> Vec<(&'static str, String)> {
    let mut query = vec![("list-type", "2".to_owned()), ("max-keys", most.min(PAGE).to_string()), ("prefix", prefix.to_owned())];
    query.extend(after.map(|after| ("start-after", format!("{prefix}{after}"))));
    query
}

/// The objects of a page, and whether there are more; none where this is no such page. The few elements of S3's answer that count are
/// looked for by name: a whole XML parser would be a quarter of the courier. A key that XML has to escape is none of ours, so escapes
/// may stay.
pub fn parse_list(xml: &[u8], prefix: &str) -> Option<(Vec<Listed>, bool)> {
    let text = std::str::from_utf8(xml).ok()?;
    let (_, inside) = text.split_once("<ListBucketResult")?;
    let (inside, _) = inside.split_once("</ListBucketResult>")?;
    let mut listed = Vec::new();
    let mut rest = inside;
    let mut outside = String::new();
    while let Some((before, after)) = rest.split_once("<Contents>") {
        outside.push_str(before);
        let (entry, after) = after.split_once("</Contents>")?;
        let name = element(entry, "Key")?.strip_prefix(prefix)?.to_owned();
        listed.push(Listed { name, length: element(entry, "Size")?.trim().parse().ok()? });
        rest = after;
    }
    outside.push_str(rest);
    Some((listed, element(&outside, "IsTruncated")?.trim() == "true"))
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(&format!("<{name}>"))?;
    after.split_once(&format!("</{name}>")).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name><Prefix>p/</Prefix><MaxKeys>2</MaxKeys>
  <IsTruncated>true</IsTruncated><KeyCount>2</KeyCount>
  <Contents><Key>p/a</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;d41d8cd9&quot;</ETag><Size>5</Size></Contents>
  <Contents><Key>p/b</Key><Size> 4096 </Size><Owner><ID>x</ID></Owner><StorageClass>STANDARD</StorageClass></Contents>
</ListBucketResult>"#;

    #[test]
    fn a_page_is_read_as_an_xml_parser_reads_it() {
        let document = roxmltree::Document::parse(PAGE).unwrap();
        let text = |node: roxmltree::Node<'_, '_>, name: &str| {
            node.children().find(|child| child.tag_name().name() == name).and_then(|child| child.text()).map(str::to_owned)
        };
        let entries = document.root_element().children().filter(|node| node.tag_name().name() == "Contents");
        let expected: Vec<Listed> = entries
            .map(|node| Listed {
                name: text(node, "Key").unwrap()[2..].to_owned(),
                length: text(node, "Size").unwrap().trim().parse().unwrap(),
            })
            .collect();
        assert_eq!(expected.len(), 2);
        assert_eq!(parse_list(PAGE.as_bytes(), "p/"), Some((expected, true)));
    }

    #[test]
    fn what_is_no_list_is_none_and_an_empty_one_is_empty() {
        let empty = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
        assert_eq!(parse_list(empty.as_bytes(), "p/"), Some((vec![], false)));
        for wrong in [
            &b""[..],
            b"\xff",
            b"<html>Welcome</html>",
            b"<ListBucketResult></ListBucketResult>",
            b"<ListBucketResult><IsTruncated>false</IsTruncated>",
            b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key></Contents></ListBucketResult>",
            b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key><Size>-1</Size></Contents></ListBucketResult>",
            b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>q/a</Key><Size>1</Size></Contents></ListBucketResult>",
            b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key><Size>1</Size></ListBucketResult>",
        ] {
            assert_eq!(parse_list(wrong, "p/"), None, "{}", String::from_utf8_lossy(wrong));
        }
    }

    #[test]
    fn a_page_cut_anywhere_is_none_rather_than_a_shorter_list() {
        for end in 0..PAGE.len() {
            assert_eq!(parse_list(&PAGE.as_bytes()[..end], "p/"), None, "{end}");
        }
    }
}
