//! The body of an answer: a text, or a file that is read as fast as the client takes it.

use std::fs::File;
use std::io::{self, Read as _};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

/// How much of a file is in memory at once.
const PIECE: usize = 64 * 1024;

#[derive(Debug)]
pub(super) enum AnswerBody {
    Text(Bytes),
    File { file: File, left: u64 },
}

impl AnswerBody {
    /// Has the file as it is now: what comes to it later is no part of it.
    pub(super) fn of_file(file: File) -> io::Result<Self> {
        let left = file.metadata()?.len();
        Ok(Self::File { file, left })
    }

    fn next(&mut self) -> io::Result<Option<Bytes>> {
        match self {
            Self::Text(text) => Ok(Some(std::mem::take(text)).filter(|text| !text.is_empty())),
            Self::File { left: 0, .. } => Ok(None),
            Self::File { file, left } => {
                let mut piece = vec![0; PIECE.min(usize::try_from(*left).unwrap_or(PIECE))];
                file.read_exact(&mut piece)?;
                *left -= piece.len() as u64;
                Ok(Some(piece.into()))
            }
        }
    }
}

impl From<String> for AnswerBody {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.get_mut().next().transpose().map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Text(text) => text.len() as u64,
            Self::File { left, .. } => *left,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};

    use super::*;

    #[test]
    fn a_file_comes_in_pieces_and_whole() {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..PIECE * 2 + 7).map(|number| (number % 251) as u8).collect();
        file.write_all(&bytes).unwrap();
        file.rewind().unwrap();
        let mut body = AnswerBody::of_file(file).unwrap();
        assert_eq!(body.size_hint().exact(), Some(bytes.len() as u64));
        let (mut seen, mut pieces) = (Vec::new(), 0);
        while let Some(piece) = body.next().unwrap() {
            assert!(piece.len() <= PIECE);
            seen.extend_from_slice(&piece);
            pieces += 1;
        }
        assert!(seen == bytes && pieces == 3 && body.is_end_stream());
        let mut text = AnswerBody::from("ok\n".to_owned());
        assert!(!text.is_end_stream());
        assert_eq!(text.next().unwrap().as_deref(), Some(&b"ok\n"[..]));
        assert!(text.is_end_stream() && text.next().unwrap().is_none());
        assert!(AnswerBody::from(String::new()).is_end_stream());
    }
}
