package dev.kelvin.bench;

/** The table of the comparison: each number of both systems, with the target it has to meet. */
final class Verdicts {
  private final Table table = new Table("what", "etcd", "Kelvin", "ratio", "target", "holds");
  private int missed;

  /** Less is better: Kelvin's number may be at most {@code factor} times etcd's. */
  void atMost(String what, double etcd, double kelvin, double factor, int digits) {
    boolean holds = kelvin <= factor * etcd;
    add(what, etcd, kelvin, digits, "≤ " + Table.plain(factor, 1) + " ×", holds);
  }

  /** More is better: Kelvin's number must be at least {@code factor} times etcd's. */
  void atLeast(String what, double etcd, double kelvin, double factor, int digits) {
    boolean holds = kelvin >= factor * etcd;
    add(what, etcd, kelvin, digits, "≥ " + Table.plain(factor, 1) + " ×", holds);
  }

  /** Kelvin's number must be under {@code limit}; etcd's, if there is one, is only shown. */
  void under(String what, double etcd, double kelvin, double limit, int digits) {
    add(what, etcd, kelvin, digits, "< " + Table.plain(limit, 0), kelvin < limit);
  }

  /** Kelvin's number must be 0; etcd's is only shown. */
  void none(String what, double etcd, double kelvin) {
    add(what, etcd, kelvin, 0, "0", kelvin == 0);
  }

  /** No target. */
  void shown(String what, double etcd, double kelvin, int digits) {
    table.row(what, plain(etcd, digits), plain(kelvin, digits), ratio(etcd, kelvin), "", "");
  }

  Table table() {
    return table;
  }

  /** How many targets do not hold. */
  int missed() {
    return missed;
  }

  private void add(
      String what, double etcd, double kelvin, int digits, String target, boolean holds) {
    missed += holds ? 0 : 1;
    table.row(
        what,
        plain(etcd, digits),
        plain(kelvin, digits),
        ratio(etcd, kelvin),
        target,
        holds ? "yes" : "no");
  }

  private static String plain(double value, int digits) {
    return Table.plain(value, digits);
  }

  private static String ratio(double etcd, double kelvin) {
    double ratio = kelvin / etcd;
    return Double.isFinite(ratio) ? Table.plain(ratio, 2) : "-";
  }
}
