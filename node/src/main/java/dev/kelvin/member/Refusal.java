package dev.kelvin.member;

/**
 * Why a change of the cluster is refused. Texts that start with {@code etcdserver:} are etcd's,
 * byte for byte.
 *
 * @param code number of the gRPC status code
 */
public record Refusal(int code, String text) {
  private static final int INVALID_ARGUMENT = 3;
  private static final int RESOURCE_EXHAUSTED = 8;
  private static final int FAILED_PRECONDITION = 9;
  private static final int UNAVAILABLE = 14;

  public static final Refusal BAD_URLS =
      new Refusal(INVALID_ARGUMENT, "etcdserver: given member URLs are invalid");
  public static final Refusal LEARNER_NOT_READY =
      new Refusal(
          FAILED_PRECONDITION,
          "etcdserver: can only promote a learner member which is in sync with leader");
  public static final Refusal NOT_ENOUGH_STARTED =
      new Refusal(
          FAILED_PRECONDITION,
          "etcdserver: re-configuration failed due to not enough started members");
  public static final Refusal UNHEALTHY = new Refusal(UNAVAILABLE, "etcdserver: unhealthy cluster");
  public static final Refusal NO_LEADER = new Refusal(UNAVAILABLE, "etcdserver: no leader");
  public static final Refusal NOT_LEADER =
      new Refusal(FAILED_PRECONDITION, "etcdserver: not leader");
  public static final Refusal BAD_TRANSFEREE =
      new Refusal(FAILED_PRECONDITION, "etcdserver: bad leader transferee");
  public static final Refusal TRANSFER_TIMEOUT =
      new Refusal(UNAVAILABLE, "etcdserver: request timed out, leader transfer took too long");
  public static final Refusal TIMEOUT = new Refusal(UNAVAILABLE, "etcdserver: request timed out");
  public static final Refusal TOO_MANY_REQUESTS =
      new Refusal(RESOURCE_EXHAUSTED, "etcdserver: too many requests");
  public static final Refusal STOPPED = new Refusal(UNAVAILABLE, "etcdserver: server stopped");

  /** Ours: a state in which etcd has no process that could answer. */
  static Refusal notNow(String text) {
    return new Refusal(FAILED_PRECONDITION, "kelvin: " + text);
  }

  static Refusal invalid(String text) {
    return new Refusal(INVALID_ARGUMENT, "kelvin: " + text);
  }
}
