package dev.kelvin.chaos;

/** What can be done to a cluster from outside its processes. */
enum FaultKind {
  KILL("kill -9 of a member"),
  KILL_ALL("kill -9 of all members at once"),
  PAUSE_SHORT("SIGSTOP for less than an election timeout"),
  PAUSE_LONG("SIGSTOP for longer than an election timeout"),
  RESTART("SIGTERM, then started again"),
  TRANSFER("leadership handed over"),
  GROW("a member more"),
  SHRINK("a member less"),
  REPLACE("a member replaced by one with an empty disk"),
  PARTITION("a minority cut off"),
  ONE_WAY("a member's links cut one way"),
  SLOW("a member's links slow"),
  ISOLATE_ELECTED("a leader cut off as soon as it is elected");

  private final String text;

  FaultKind(String text) {
    this.text = text;
  }

  /** For people. */
  String text() {
    return text;
  }

  /** Whether it needs links that can be cut. */
  boolean cutsLinks() {
    return compareTo(PARTITION) >= 0;
  }
}
