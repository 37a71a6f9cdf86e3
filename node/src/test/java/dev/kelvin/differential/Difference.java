package dev.kelvin.differential;

/**
 * Something that the two servers say differently.
 *
 * @param step after which it showed
 */
record Difference(Step step, String etcd, String kelvin) {
  /** Whether it looks like the same defect as another, found in another program. */
  boolean like(Difference other) {
    return kind().equals(other.kind());
  }

  /** Whether streams of watches differ, which they then do until they end. */
  boolean watches() {
    return etcd.startsWith("watch");
  }

  private String kind() {
    if (step instanceof Step.Call call) {
      return call.rpc() + " " + outline(etcd) + " " + outline(kelvin);
    }
    // Watches are compared at many kinds of steps.
    return watches() ? "watch" : step.getClass().getSimpleName();
  }

  /** An error by its text; an answer is an answer. */
  private static String outline(String said) {
    return said.startsWith("header") || said.startsWith("watch") ? "" : said;
  }
}
