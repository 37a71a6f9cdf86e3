package dev.kelvin.client;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesResponse;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeResponse;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveResponse;
import dev.kelvin.proto.etcdserverpb.MemberAddRequest;
import dev.kelvin.proto.etcdserverpb.MemberAddResponse;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberListResponse;
import dev.kelvin.proto.etcdserverpb.MemberPromoteRequest;
import dev.kelvin.proto.etcdserverpb.MemberPromoteResponse;
import dev.kelvin.proto.etcdserverpb.MemberRemoveRequest;
import dev.kelvin.proto.etcdserverpb.MemberRemoveResponse;
import dev.kelvin.proto.etcdserverpb.MemberUpdateRequest;
import dev.kelvin.proto.etcdserverpb.MemberUpdateResponse;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.etcdserverpb.SnapshotRequest;
import dev.kelvin.proto.etcdserverpb.SnapshotResponse;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import dev.kelvin.proto.etcdserverpb.WatchRequest;
import dev.kelvin.proto.etcdserverpb.WatchResponse;

/**
 * What can be asked for. The generated stubs say the same, but bring grpc-java with them.
 *
 * @param path service and method
 * @param answer reads an answer
 * @param repeatable whether asking twice does what asking once does, whatever others do in between
 * @param needsLeader whether a node that has lost its leader is to refuse, rather than wait for one
 * @param <Q> what is asked
 * @param <A> what is answered
 */
public record Method<Q extends MessageLite, A extends MessageLite>(
    String path, Parser<A> answer, boolean repeatable, boolean needsLeader) {

  public static final Method<RangeRequest, RangeResponse> RANGE =
      new Method<>("KV/Range", RangeResponse.parser(), true, true);

  /** For serializable reads. */
  public static final Method<RangeRequest, RangeResponse> LOCAL_RANGE =
      new Method<>("KV/Range", RangeResponse.parser(), true, false);

  /** Not repeatable: another's put in between would be overwritten by the second. */
  public static final Method<PutRequest, PutResponse> PUT =
      new Method<>("KV/Put", PutResponse.parser(), false, true);

  public static final Method<DeleteRangeRequest, DeleteRangeResponse> DELETE =
      new Method<>("KV/DeleteRange", DeleteRangeResponse.parser(), false, true);
  public static final Method<TxnRequest, TxnResponse> TXN =
      new Method<>("KV/Txn", TxnResponse.parser(), false, true);
  public static final Method<CompactionRequest, CompactionResponse> COMPACT =
      new Method<>("KV/Compact", CompactionResponse.parser(), false, true);
  public static final Method<WatchRequest, WatchResponse> WATCH =
      new Method<>("Watch/Watch", WatchResponse.parser(), true, true);

  /** Not repeatable: without an ID chosen by the client it would make two leases. */
  public static final Method<LeaseGrantRequest, LeaseGrantResponse> GRANT =
      new Method<>("Lease/LeaseGrant", LeaseGrantResponse.parser(), false, true);

  public static final Method<LeaseRevokeRequest, LeaseRevokeResponse> REVOKE =
      new Method<>("Lease/LeaseRevoke", LeaseRevokeResponse.parser(), false, true);
  public static final Method<LeaseKeepAliveRequest, LeaseKeepAliveResponse> KEEP_ALIVE =
      new Method<>("Lease/LeaseKeepAlive", LeaseKeepAliveResponse.parser(), true, true);
  public static final Method<LeaseTimeToLiveRequest, LeaseTimeToLiveResponse> TIME_TO_LIVE =
      new Method<>("Lease/LeaseTimeToLive", LeaseTimeToLiveResponse.parser(), true, true);
  public static final Method<LeaseLeasesRequest, LeaseLeasesResponse> LEASES =
      new Method<>("Lease/LeaseLeases", LeaseLeasesResponse.parser(), true, true);
  public static final Method<MemberListRequest, MemberListResponse> MEMBERS =
      new Method<>("Cluster/MemberList", MemberListResponse.parser(), true, false);
  public static final Method<MemberAddRequest, MemberAddResponse> ADD =
      new Method<>("Cluster/MemberAdd", MemberAddResponse.parser(), false, true);
  public static final Method<MemberRemoveRequest, MemberRemoveResponse> REMOVE =
      new Method<>("Cluster/MemberRemove", MemberRemoveResponse.parser(), false, true);
  public static final Method<MemberUpdateRequest, MemberUpdateResponse> UPDATE =
      new Method<>("Cluster/MemberUpdate", MemberUpdateResponse.parser(), false, true);
  public static final Method<MemberPromoteRequest, MemberPromoteResponse> PROMOTE =
      new Method<>("Cluster/MemberPromote", MemberPromoteResponse.parser(), false, true);
  public static final Method<StatusRequest, StatusResponse> STATUS =
      new Method<>("Maintenance/Status", StatusResponse.parser(), true, false);
  public static final Method<SnapshotRequest, SnapshotResponse> SNAPSHOT =
      new Method<>("Maintenance/Snapshot", SnapshotResponse.parser(), true, false);
  public static final Method<MoveLeaderRequest, MoveLeaderResponse> MOVE_LEADER =
      new Method<>("Maintenance/MoveLeader", MoveLeaderResponse.parser(), false, true);

  public Method {
    path = "/etcdserverpb." + path;
  }
}
