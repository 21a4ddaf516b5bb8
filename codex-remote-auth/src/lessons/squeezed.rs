//! The form in which outputs and signs are compared: no white space, and one kind of quotes.

/// A text in the form in which [`NormalizedOutput`] holds outputs.
pub(super) fn squeezed(text: &str) -> String {
    text.split_whitespace().flat_map(characters).collect()
}

/// What of a word is compared.
pub(super) fn characters(word: &str) -> impl Iterator<Item = char> + '_ {
    let seen = |c: &char| !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}');
    word.chars().filter(seen).map(|c| match c {
        '`' | '´' | '"' | '‘' | '’' | '“' | '”' | '„' | '‹' | '›' | '«' | '»' => '\'',
        c => c,
    })
}
