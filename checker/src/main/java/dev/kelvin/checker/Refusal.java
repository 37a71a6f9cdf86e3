package dev.kelvin.checker;

/** Why a store may refuse what a history holds. */
public enum Refusal {
  COMPACTED("etcdserver: mvcc: required revision has been compacted"),
  FUTURE_REVISION("etcdserver: mvcc: required revision is a future revision");

  private final String text;

  Refusal(String text) {
    this.text = text;
  }

  /**
   * @param text etcd's
   * @throws IllegalArgumentException when nothing in a history can be refused so
   */
  public static Refusal of(String text) {
    for (var refusal : values()) {
      if (refusal.text.equals(text)) {
        return refusal;
      }
    }
    throw new IllegalArgumentException("nothing asked for can be refused with: " + text);
  }
}
