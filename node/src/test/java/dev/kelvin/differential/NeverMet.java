package dev.kelvin.differential;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The whole of etcd's API by name, and why a run meets some of it never. */
final class NeverMet {
  /** Service and method of every call that the comparison has no {@link Rpc} for. */
  static final List<String> CALLS;

  /** The texts of etcd's {@code rpctypes/error.go}. */
  static final TreeSet<String> TEXTS = new TreeSet<>();

  private static final Map<String, String> REASONS = new HashMap<>();

  private NeverMet() {}

  /** Null if it should be met. */
  static String reason(String name) {
    return REASONS.get(name);
  }

  private static void because(String reason, String... names) {
    for (var name : names) {
      REASONS.put(name, reason);
    }
  }

  static {
    because("a file of its own kind", "Maintenance/Snapshot");
    because(
        "users and roles are not there",
        "Auth/AuthEnable, AuthDisable, AuthStatus, Authenticate",
        "Auth/UserAdd, UserGet, UserList, UserDelete, UserChangePassword, UserGrantRole,"
            + " UserRevokeRole",
        "Auth/RoleAdd, RoleGet, RoleList, RoleDelete, RoleGrantPermission, RoleRevokePermission");
    because(
        "they wait for others: ServicesIT makes the same calls to Kelvin and to etcd",
        "Lock/Lock, Unlock",
        "Election/Campaign, Proclaim, Leader, Observe, Resign");
    CALLS =
        Stream.concat(
                REASONS.keySet().stream(),
                Stream.of("KV/RangeStream", "Watch/Watch", "Lease/LeaseKeepAlive"))
            .toList();
    because("etcd has no case for it, and no answer", "AlarmRequest.action=unknown");
    because("downgrades have a test of their own", "DowngradeRequest.action=ENABLE");
    because("etcd has no case for it", "DowngradeRequest.action=unknown");
    because(
        "users and roles are not there",
        "etcdserver: authentication failed, invalid user ID or password",
        "etcdserver: authentication is not enabled",
        "etcdserver: invalid auth management",
        "etcdserver: invalid auth token",
        "etcdserver: permission denied",
        "etcdserver: permission is not granted to the role",
        "etcdserver: permission not given",
        "etcdserver: revision of auth store is old",
        "etcdserver: role is not granted to the user",
        "etcdserver: role name already exists",
        "etcdserver: role name is empty",
        "etcdserver: role name not found",
        "etcdserver: root user does not exist",
        "etcdserver: root user does not have root role",
        "etcdserver: user name already exists",
        "etcdserver: user name is empty",
        "etcdserver: user name not found");
    because(
        "only where there is a version to go down to",
        "etcdserver: cluster has a downgrade job in progress",
        "etcdserver: cluster version not found during downgrade");
    because(
        "one healthy node has none of the trouble; chaos and process tests do",
        "etcdserver: leader changed",
        "etcdserver: no leader",
        "etcdserver: not leader",
        "etcdserver: server stopped",
        "etcdserver: unhealthy cluster",
        "etcdserver: too many requests",
        "etcdserver: request timed out",
        "etcdserver: request timed out, possibly due to connection lost",
        "etcdserver: request timed out, possibly due to previous leader failure",
        "etcdserver: request timed out, waiting for the applied index took too long");
    because(
        "membership tests meet it: it takes more members",
        "etcdserver: re-configuration failed due to not enough started members",
        "etcdserver: rpc not supported for learner");
    because(
        "only between members of etcd",
        "etcdserver: cluster ID mismatch",
        "etcdserver: member ID already exist",
        "etcdserver: not capable");
    because(
        "only in etcd's own client",
        "etcdserver: invalid client api version",
        "etcdserver: context deadline exceeded",
        "etcdserver: request canceled");
    because(
        "etcd only logs it, and answers a CANCEL as if there had been a job",
        "etcdserver: no inflight downgrade job");
    because("said to a stream that its client has left", "etcdserver: watch canceled");
    REASONS.keySet().stream().filter(name -> name.startsWith("etcdserver:")).forEach(TEXTS::add);
    // To be met.
    TEXTS.addAll(
        List.of(
            "etcdserver: mvcc: database space exceeded",
            "etcdserver: corrupt cluster",
            "etcdserver: invalid downgrade target version",
            "etcdserver: wrong downgrade target version format",
            "etcdserver: Peer URLs already exists",
            "etcdserver: bad leader transferee",
            "etcdserver: can only promote a learner member which is in sync with leader",
            "etcdserver: can only promote a learner member",
            "etcdserver: duplicate key given in txn request",
            "etcdserver: given member URLs are invalid",
            "etcdserver: invalid sort option",
            "etcdserver: key is not provided",
            "etcdserver: key not found",
            "etcdserver: lease already exists",
            "etcdserver: lease is provided",
            "etcdserver: member not found",
            "etcdserver: mvcc: required revision has been compacted",
            "etcdserver: mvcc: required revision is a future revision",
            "etcdserver: request is too large",
            "etcdserver: requested lease not found",
            "etcdserver: too large lease TTL",
            "etcdserver: too many learner members in cluster",
            "etcdserver: too many operations in txn request",
            "etcdserver: value is provided",
            "mvcc: watcher range is empty",
            "mvcc: duplicate watch ID provided on the WatchStream"));
  }
}
