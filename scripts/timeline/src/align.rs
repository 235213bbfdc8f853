// SPDX-License-Identifier: GPL-2.0

//! Puts what two stories have in common side by side.

/// A pair of indices, of which one may be missing.
pub(crate) type Slot = (Option<usize>, Option<usize>);

/// Returns the slots of two lists, in order. As many equal items as possible share one.
pub(crate) fn align<T: PartialEq>(left: &[T], right: &[T]) -> Vec<Slot> {
    // How many items the rests of both lists have in common.
    let mut common = vec![vec![0_usize; right.len() + 1]; left.len() + 1];
    for (i, item) in left.iter().enumerate().rev() {
        for (j, other) in right.iter().enumerate().rev() {
            common[i][j] = if item == other {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut slots = Vec::new();
    while i < left.len() || j < right.len() {
        if i < left.len() && j < right.len() && left[i] == right[j] {
            slots.push((Some(i), Some(j)));
            (i, j) = (i + 1, j + 1);
        } else if j == right.len() || (i < left.len() && common[i + 1][j] >= common[i][j + 1]) {
            slots.push((Some(i), None));
            i += 1;
        } else {
            slots.push((None, Some(j)));
            j += 1;
        }
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_moves() {
        let slots = align(&["a", "b", "c", "call"], &["a", "call", "b", "c"]);
        let expected = [
            (Some(0), Some(0)),
            (None, Some(1)),
            (Some(1), Some(2)),
            (Some(2), Some(3)),
            (Some(3), None),
        ];
        assert_eq!(slots, expected);
        assert_eq!(align::<u8>(&[], &[]), []);
    }
}
