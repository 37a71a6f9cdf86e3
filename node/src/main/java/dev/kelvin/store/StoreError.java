package dev.kelvin.store;

/**
 * Why the store refuses. Codes are gRPC's; texts are etcd's, byte for byte, because clients match
 * on them.
 */
public enum StoreError {
  KEY_NOT_FOUND(3, "etcdserver: key not found"),
  COMPACTED(11, "etcdserver: mvcc: required revision has been compacted"),
  FUTURE_REVISION(11, "etcdserver: mvcc: required revision is a future revision"),
  LEASE_NOT_FOUND(5, "etcdserver: requested lease not found"),
  LEASE_EXISTS(9, "etcdserver: lease already exists"),
  MEMBER_EXISTS(9, "etcdserver: member ID already exist"),
  PEER_URL_EXISTS(9, "etcdserver: Peer URLs already exists"),
  MEMBER_NOT_FOUND(5, "etcdserver: member not found"),
  MEMBER_NOT_LEARNER(9, "etcdserver: can only promote a learner member"),
  TOO_MANY_LEARNERS(9, "etcdserver: too many learner members in cluster"),
  NO_SPACE(8, "etcdserver: mvcc: database space exceeded"),
  CORRUPT(15, "etcdserver: corrupt cluster"),
  NOT_ENOUGH_STARTED(9, "etcdserver: re-configuration failed due to not enough started members"),
  /** Ours: etcd takes any number of alarms. */
  TOO_MANY_ALARMS(8, "kelvin: too many alarms"),
  /** Ours: an entry whose payload is no request of its kind; the front doors let none through. */
  MALFORMED(3, "kelvin: malformed request"),
  /** Ours: what a leader decided by its clock came into the log under another. */
  OTHER_TERM(9, "kelvin: decided in another term"),
  /** Ours: etcd has no word for an identity that another data directory claimed. */
  IDENTITY_CLAIMED(9, "kelvin: member identity is claimed by another data directory");

  private final int code;
  private final String text;

  StoreError(int code, String text) {
    this.code = code;
    this.text = text;
  }

  /** Number of the gRPC status code. */
  public int code() {
    return code;
  }

  public String text() {
    return text;
  }
}
