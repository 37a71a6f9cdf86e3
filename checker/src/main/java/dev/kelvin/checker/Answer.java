package dev.kelvin.checker;

import java.util.List;

/** What a client was told, less the revision in the header. */
public sealed interface Answer {
  /**
   * @param previous null when not asked for or not there
   */
  record Put(Kv previous) implements Answer {}

  /**
   * @param count keys in the range, whatever the limit
   */
  record Range(List<Kv> kvs, long count, boolean more) implements Answer {}

  record DeleteRange(long deleted, List<Kv> previous) implements Answer {}

  record Txn(boolean succeeded, List<Answer> answers) implements Answer {}

  record Compact() implements Answer {}
}
