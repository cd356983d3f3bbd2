//! Reads a part of a kept report, however large its file is.
//!
//! A report is written with each value on a line of its own, so its lists can be told by their indentation. No text of
//! JSON has a line break in it.

use std::io::{self, BufRead};

/// The keys of the lists, each at the depth of a policy's part.
const LISTS: [&str; 2] = ["      \"decisions\": [", "      \"file_decisions\": ["];

/// The keys of how many rows are left out of them.
const LEFT_OUT: [&str; 2] = ["      \"decisions_left_out\": ", "      \"file_decisions_left_out\": "];

/// Returns the report without its rows, and reads no further than to the first of them.
pub(super) fn head(reader: impl BufRead) -> io::Result<String> {
    let mut text = String::new();
    for line in reader.lines() {
        let line = line?;
        if line.starts_with(LISTS[0]) {
            text += "\"decisions\": [], \"decisions_left_out\": 0, \"file_decisions\": [], \
                     \"file_decisions_left_out\": 0}]}";
            return Ok(text);
        }
        text += &line;
    }
    Ok(text)
}

/// Returns the report with its first `most` rows, those on packages before those on files. It says how many it left out.
pub(super) fn first_rows(reader: impl BufRead, most: usize) -> io::Result<String> {
    let (mut text, mut left, mut left_out) = (String::new(), most, 0);
    let mut lines = reader.lines();
    while let Some(line) = lines.next().transpose()? {
        if LISTS.contains(&line.as_str()) {
            text += &line;
            left_out = rows(&mut lines, &mut text, &mut left)?;
        } else if let Some((key, before)) = left_out_before(&line) {
            text += &format!("{key}{},", before + left_out);
            // The last of them ends the policy's part.
            if !line.ends_with(',') {
                text.pop();
            }
            left_out = 0;
        } else {
            text += &line;
        }
    }
    Ok(text)
}

/// Takes the rows of a list and its end, and returns how many it left out.
fn rows(lines: &mut impl Iterator<Item = io::Result<String>>, text: &mut String, left: &mut usize) -> io::Result<u64> {
    let (mut row, mut taken, mut left_out) = (String::new(), 0, 0);
    for line in lines {
        let line = line?;
        if matches!(line.as_str(), "      ]" | "      ],") {
            *text += &line;
            break;
        }
        row += &line;
        if matches!(line.as_str(), "        }" | "        },") {
            if *left == 0 {
                left_out += 1;
            } else {
                if taken > 0 {
                    text.push(',');
                }
                *text += row.trim_end_matches(',');
                taken += 1;
                *left -= 1;
            }
            row.clear();
        }
    }
    Ok(left_out)
}

fn left_out_before(line: &str) -> Option<(&'static str, u64)> {
    let key = LEFT_OUT.into_iter().find(|key| line.starts_with(key))?;
    Some((key, line[key.len()..].trim_end_matches(',').parse().ok()?))
}
