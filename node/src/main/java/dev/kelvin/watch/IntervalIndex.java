package dev.kelvin.watch;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Finds the watchers of a key among many: single keys in a hash table, ranges in an interval tree
 * (Cormen et al., Introduction to Algorithms, 14.3: a search tree by first key in which every node
 * knows the furthest end below it), balanced as a treap. A key costs the logarithm of the number of
 * different ranges for each range that it is in. Not thread-safe.
 *
 * @param <W> the watchers
 */
final class IntervalIndex<W> {
  private static final class Node<W> {
    private final KeyRange range;
    private final int priority;
    private final Set<W> watchers = new HashSet<>(2);
    private Node<W> left;
    private Node<W> right;

    /** Furthest end of this node and all below; null for no end. */
    private ByteString furthest;

    Node(KeyRange range, int priority) {
      this.range = range;
      this.priority = priority;
      this.furthest = range.end();
    }
  }

  private final Map<ByteString, Set<W>> single = new HashMap<>();

  /** Shapes the tree only: what is found does not depend on it. */
  private final Random random = new Random(1);

  private Node<W> root;
  private int size;

  int size() {
    return size;
  }

  void add(KeyRange range, W watcher) {
    boolean added;
    if (range.single()) {
      added = single.computeIfAbsent(range.from(), _ -> new HashSet<>(2)).add(watcher);
    } else {
      var node = find(range);
      if (node == null) {
        node = new Node<>(range, random.nextInt());
        root = insert(root, node);
      }
      added = node.watchers.add(watcher);
    }
    size += added ? 1 : 0;
  }

  /** Returns whether it was there. */
  boolean remove(KeyRange range, W watcher) {
    boolean removed;
    if (range.single()) {
      var watchers = single.get(range.from());
      removed = watchers != null && watchers.remove(watcher);
      if (removed && watchers.isEmpty()) {
        single.remove(range.from());
      }
    } else {
      var node = find(range);
      removed = node != null && node.watchers.remove(watcher);
      if (removed && node.watchers.isEmpty()) {
        root = delete(root, range);
      }
    }
    size -= removed ? 1 : 0;
    return removed;
  }

  /** Visits all that watch a key. */
  void visit(ByteString key, Consumer<W> visitor) {
    var watchers = single.get(key);
    if (watchers != null) {
      watchers.forEach(visitor);
    }
    visit(root, key, visitor);
  }

  private static <W> void visit(Node<W> node, ByteString key, Consumer<W> visitor) {
    if (node == null || !before(key, node.furthest)) {
      return;
    }
    visit(node.left, key, visitor);
    if (KeyRange.ORDER.compare(node.range.from(), key) <= 0) {
      if (before(key, node.range.end())) {
        node.watchers.forEach(visitor);
      }
      visit(node.right, key, visitor);
    }
  }

  private static boolean before(ByteString key, ByteString end) {
    return end == null || KeyRange.ORDER.compare(key, end) < 0;
  }

  private Node<W> find(KeyRange range) {
    var node = root;
    while (node != null) {
      int order = compare(range, node.range);
      if (order == 0) {
        return node;
      }
      node = order < 0 ? node.left : node.right;
    }
    return null;
  }

  private static int compare(KeyRange a, KeyRange b) {
    int order = KeyRange.ORDER.compare(a.from(), b.from());
    return order != 0 ? order : compareEnds(a.end(), b.end());
  }

  private static int compareEnds(ByteString a, ByteString b) {
    if (a == null || b == null) {
      return a == b ? 0 : a == null ? 1 : -1;
    }
    return KeyRange.ORDER.compare(a, b);
  }

  private static <W> Node<W> insert(Node<W> node, Node<W> added) {
    if (node == null) {
      return added;
    }
    if (compare(added.range, node.range) < 0) {
      node.left = insert(node.left, added);
      return update(node.left.priority > node.priority ? rotateRight(node) : node);
    }
    node.right = insert(node.right, added);
    return update(node.right.priority > node.priority ? rotateLeft(node) : node);
  }

  private static <W> Node<W> delete(Node<W> node, KeyRange range) {
    int order = compare(range, node.range);
    if (order == 0) {
      return merge(node.left, node.right);
    }
    if (order < 0) {
      node.left = delete(node.left, range);
    } else {
      node.right = delete(node.right, range);
    }
    return update(node);
  }

  private static <W> Node<W> merge(Node<W> left, Node<W> right) {
    if (left == null || right == null) {
      return left == null ? right : left;
    }
    if (left.priority > right.priority) {
      left.right = merge(left.right, right);
      return update(left);
    }
    right.left = merge(left, right.left);
    return update(right);
  }

  private static <W> Node<W> rotateRight(Node<W> node) {
    var top = node.left;
    node.left = top.right;
    update(node);
    top.right = node;
    return top;
  }

  private static <W> Node<W> rotateLeft(Node<W> node) {
    var top = node.right;
    node.right = top.left;
    update(node);
    top.left = node;
    return top;
  }

  private static <W> Node<W> update(Node<W> node) {
    node.furthest = further(node.range.end(), further(end(node.left), end(node.right)));
    return node;
  }

  /** Of an empty subtree: before every key. */
  private static <W> ByteString end(Node<W> node) {
    return node == null ? ByteString.EMPTY : node.furthest;
  }

  private static ByteString further(ByteString a, ByteString b) {
    return compareEnds(a, b) >= 0 ? a : b;
  }
}
