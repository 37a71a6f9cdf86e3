package dev.kelvin.checker;

import java.util.List;

/** What a client asks for: as much of etcd's KV service as is checked. */
public sealed interface Request {

  /** A request that a transaction may hold. */
  sealed interface Step extends Request {}

  /**
   * @param prevKv answer with what was there before
   */
  record Put(String key, String value, boolean prevKv) implements Step {
    @Override
    public String toString() {
      return "put " + key + "=" + value + (prevKv ? " prev" : "");
    }
  }

  /**
   * @param end exclusive end of the range; null for the single key
   * @param revision state to read; 0 for the current one
   * @param limit keys answered at most; 0 for all
   */
  record Range(String key, String end, long revision, int limit, boolean serializable)
      implements Step {
    @Override
    public String toString() {
      return (serializable ? "serializable get " : "get ")
          + span(key, end)
          + (revision == 0 ? "" : " rev=" + revision)
          + (limit == 0 ? "" : " limit=" + limit);
    }
  }

  record DeleteRange(String key, String end, boolean prevKv) implements Step {
    @Override
    public String toString() {
      return "del " + span(key, end) + (prevKv ? " prev" : "");
    }
  }

  record Txn(List<Compare> compares, List<Step> success, List<Step> failure) implements Request {
    @Override
    public String toString() {
      return "txn if " + compares + " then " + success + " else " + failure;
    }
  }

  record Compact(long revision) implements Request {
    @Override
    public String toString() {
      return "compact " + revision;
    }
  }

  /** What a comparison looks at. */
  enum Target {
    VERSION,
    CREATE,
    MOD,
    VALUE
  }

  /** How a comparison relates the key to the operand. */
  enum Relation {
    EQUAL,
    GREATER,
    LESS,
    NOT_EQUAL
  }

  /**
   * @param number operand, unless the target is VALUE
   * @param value operand for VALUE, otherwise null
   */
  record Compare(String key, Target target, Relation relation, long number, String value) {
    @Override
    public String toString() {
      return target + "(" + key + ") " + relation + " " + (value == null ? number : value);
    }
  }

  private static String span(String key, String end) {
    return end == null ? key : "[" + key + "," + end + ")";
  }
}
