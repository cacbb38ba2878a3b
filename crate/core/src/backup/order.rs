//! The order of what is in a source: by the folder around it, then by name.

extern crate alloc;
use alloc::{vec, vec::Vec};

use super::source::NodeId;

/// A block is split when it has so many nodes.
const FULL: usize = 512;

/// Nodes in ascending order, in blocks: a tree of two levels, that takes four to eight bytes a node. What the order is, each caller says.
#[derive(Default)]
pub(super) struct Order {
    blocks: Vec<Vec<NodeId>>,
}

/// Between two nodes: a block, and where in it.
#[derive(Clone, Copy)]
pub(super) struct Gap(usize, usize);

impl Order {
    /// After all nodes that come `before` something.
    pub fn gap(&self, before: impl Fn(NodeId) -> bool) -> Gap {
        let block = self.blocks.partition_point(|block| block.last().is_some_and(|last| before(*last)));
        let at = self.blocks.get(block).map_or(0, |block| block.partition_point(|node| before(*node)));
        Gap(block, at)
    }

    /// The nodes after a gap.
    pub fn after(&self, Gap(block, at): Gap) -> impl Iterator<Item = NodeId> {
        self.blocks.iter().skip(block).flatten().skip(at).copied()
    }

    pub fn insert(&mut self, Gap(block, at): Gap, node: NodeId) {
        // After all others it goes to the last block, unless that is full: nodes that come in order fill their blocks.
        let (number, at) = match self.blocks.last() {
            Some(last) if block == self.blocks.len() && last.len() < FULL => (block - 1, last.len()),
            _ => (block, at),
        };
        let Some(block) = self.blocks.get_mut(number) else { return self.blocks.push(vec![node]) };
        block.insert(at, node);
        if block.len() > FULL {
            let rest = block.split_off(FULL / 2);
            block.shrink_to_fit();
            self.blocks.insert(number + 1, rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_stand_in_order_however_they_come() {
        const COUNT: NodeId = 20_000;
        let upwards = |number: NodeId| number;
        let downwards = |number: NodeId| COUNT - 1 - number;
        // 7,919 has no divisor in common with 20,000: every number once.
        let mixed = |number: NodeId| number * 7_919 % COUNT;
        for come in [upwards, downwards, mixed] {
            let mut order = Order::default();
            for node in (0..COUNT).map(come) {
                order.insert(order.gap(|other| other < node), node);
            }
            assert!(order.after(order.gap(|_| false)).eq(0..COUNT));
            assert_eq!(order.after(order.gap(|other| other < 12_345)).next(), Some(12_345));
            assert!(order.after(order.gap(|_| true)).next().is_none());
            assert!(order.blocks.iter().all(|block| block.len() <= FULL));
        }
        let mut order = Order::default();
        (0..COUNT).for_each(|node| order.insert(order.gap(|_| true), node));
        assert_eq!(order.blocks.len(), (COUNT as usize).div_ceil(FULL));
    }
}
