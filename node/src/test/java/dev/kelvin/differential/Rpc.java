package dev.kelvin.differential;

import com.google.protobuf.Message;
import dev.kelvin.proto.etcdserverpb.AlarmRequest;
import dev.kelvin.proto.etcdserverpb.AlarmResponse;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.CompactionResponse;
import dev.kelvin.proto.etcdserverpb.DefragmentRequest;
import dev.kelvin.proto.etcdserverpb.DefragmentResponse;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.DowngradeRequest;
import dev.kelvin.proto.etcdserverpb.DowngradeResponse;
import dev.kelvin.proto.etcdserverpb.HashKVRequest;
import dev.kelvin.proto.etcdserverpb.HashKVResponse;
import dev.kelvin.proto.etcdserverpb.HashRequest;
import dev.kelvin.proto.etcdserverpb.HashResponse;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseGrantResponse;
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
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import dev.kelvin.proto.etcdserverpb.TxnRequest;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.ProtoUtils;

/** The calls that have one request and one answer, with types that programs need not know. */
enum Rpc {
  RANGE("KV/Range", RangeRequest.getDefaultInstance(), RangeResponse.getDefaultInstance()),
  PUT("KV/Put", PutRequest.getDefaultInstance(), PutResponse.getDefaultInstance()),
  DELETE_RANGE(
      "KV/DeleteRange",
      DeleteRangeRequest.getDefaultInstance(),
      DeleteRangeResponse.getDefaultInstance()),
  TXN("KV/Txn", TxnRequest.getDefaultInstance(), TxnResponse.getDefaultInstance()),
  COMPACT(
      "KV/Compact",
      CompactionRequest.getDefaultInstance(),
      CompactionResponse.getDefaultInstance()),
  LEASE_GRANT(
      "Lease/LeaseGrant",
      LeaseGrantRequest.getDefaultInstance(),
      LeaseGrantResponse.getDefaultInstance()),
  LEASE_REVOKE(
      "Lease/LeaseRevoke",
      LeaseRevokeRequest.getDefaultInstance(),
      LeaseRevokeResponse.getDefaultInstance()),
  LEASE_TIME_TO_LIVE(
      "Lease/LeaseTimeToLive",
      LeaseTimeToLiveRequest.getDefaultInstance(),
      LeaseTimeToLiveResponse.getDefaultInstance()),
  LEASE_LEASES(
      "Lease/LeaseLeases",
      LeaseLeasesRequest.getDefaultInstance(),
      LeaseLeasesResponse.getDefaultInstance()),
  MEMBER_ADD(
      "Cluster/MemberAdd",
      MemberAddRequest.getDefaultInstance(),
      MemberAddResponse.getDefaultInstance()),
  MEMBER_REMOVE(
      "Cluster/MemberRemove",
      MemberRemoveRequest.getDefaultInstance(),
      MemberRemoveResponse.getDefaultInstance()),
  MEMBER_UPDATE(
      "Cluster/MemberUpdate",
      MemberUpdateRequest.getDefaultInstance(),
      MemberUpdateResponse.getDefaultInstance()),
  MEMBER_LIST(
      "Cluster/MemberList",
      MemberListRequest.getDefaultInstance(),
      MemberListResponse.getDefaultInstance()),
  MEMBER_PROMOTE(
      "Cluster/MemberPromote",
      MemberPromoteRequest.getDefaultInstance(),
      MemberPromoteResponse.getDefaultInstance()),
  ALARM("Maintenance/Alarm", AlarmRequest.getDefaultInstance(), AlarmResponse.getDefaultInstance()),
  STATUS(
      "Maintenance/Status",
      StatusRequest.getDefaultInstance(),
      StatusResponse.getDefaultInstance()),
  HASH_KV(
      "Maintenance/HashKV",
      HashKVRequest.getDefaultInstance(),
      HashKVResponse.getDefaultInstance()),
  DEFRAGMENT(
      "Maintenance/Defragment",
      DefragmentRequest.getDefaultInstance(),
      DefragmentResponse.getDefaultInstance()),
  HASH("Maintenance/Hash", HashRequest.getDefaultInstance(), HashResponse.getDefaultInstance()),
  DOWNGRADE(
      "Maintenance/Downgrade",
      DowngradeRequest.getDefaultInstance(),
      DowngradeResponse.getDefaultInstance()),
  MOVE_LEADER(
      "Maintenance/MoveLeader",
      MoveLeaderRequest.getDefaultInstance(),
      MoveLeaderResponse.getDefaultInstance());

  /** Service and method, as in etcd's documentation. */
  final String title;

  final Message request;
  final MethodDescriptor<Message, Message> method;

  Rpc(String title, Message request, Message response) {
    this.title = title;
    this.request = request;
    method =
        MethodDescriptor.<Message, Message>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("etcdserverpb." + title)
            .setRequestMarshaller(ProtoUtils.marshaller(request))
            .setResponseMarshaller(ProtoUtils.marshaller(response))
            .build();
  }
}
