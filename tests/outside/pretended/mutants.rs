//! Forms that differ from a genuine one and mean something else.

use futures_util::StreamExt;

/// Names and values in the order of writing.
pub type Pairs = Vec<(String, String)>;

fn written(pairs: &Pairs) -> Vec<u8> {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
}

/// Every body that differs from this form's in one place, lacks a field, or has two fields' values changed round.
pub fn mutants(genuine: &Pairs) -> Vec<Vec<u8>> {
    let body = written(genuine);
    let meaning = |body: &[u8]| {
        let mut fields: Pairs = url::form_urlencoded::parse(body).into_owned().collect();
        fields.sort();
        fields
    };
    let mut all = Vec::new();
    for at in 0..body.len() {
        let mut mutant = body.clone();
        mutant[at] ^= 1 << (at % 8);
        all.push(mutant);
        all.push([&body[..at], &body[at + 1..]].concat());
        all.push([&body[..at], &body[at..=at], &body[at..]].concat());
    }
    for field in 0..genuine.len() {
        let mut without = genuine.clone();
        without.remove(field);
        all.push(written(&without));
        for other in 0..field {
            let mut swapped = genuine.clone();
            (swapped[field].1, swapped[other].1) = (genuine[other].1.clone(), genuine[field].1.clone());
            all.push(written(&swapped));
        }
    }
    let truth = meaning(&body);
    all.retain(|mutant| meaning(mutant) != truth);
    all
}

/// Delivers every mutant of a genuine notice, and sees that each is refused.
pub async fn no_mutant_is_believed(genuine: &Pairs, deliver: impl AsyncFn(Vec<u8>) -> u16) {
    let mutants = mutants(genuine);
    assert!(mutants.len() >= 2000, "only {} mutants", mutants.len());
    let statuses = futures_util::stream::iter(&mutants).map(async |mutant| (mutant, deliver(mutant.clone()).await));
    let believed = statuses.buffer_unordered(16).filter(|(_, status)| std::future::ready(![400, 401].contains(status)));
    let believed: Vec<(&Vec<u8>, u16)> = believed.collect().await;
    assert_eq!(believed.len(), 0, "{:?}", believed.first().map(|(body, _)| String::from_utf8_lossy(body)));
}
