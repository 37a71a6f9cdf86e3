package dev.kelvin.api.etcd;

import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.ClusterGrpc;
import dev.kelvin.proto.etcdserverpb.Member;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberListResponse;
import io.grpc.stub.StreamObserver;

/** etcdserverpb.Cluster, as far as it only looks: members change through the peer port. */
final class ClusterService extends ClusterGrpc.ClusterImplBase {
  private final Node node;
  private final Requests requests;
  private final Lanes lanes;
  private final Header header;

  ClusterService(Node node, Requests requests, Lanes lanes) {
    this.node = node;
    this.requests = requests;
    this.lanes = lanes;
    header = new Header(node);
  }

  @Override
  public void memberList(MemberListRequest request, StreamObserver<MemberListResponse> observer) {
    var exchange =
        new UnaryExchange<>(observer, lanes.current(), LeaderWish.current(), ignored -> members());
    if (request.getLinearizable()) {
      requests.linearizable(exchange, () -> exchange.reply(members()));
      return;
    }
    var error = requests.admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
    } else {
      exchange.reply(members());
    }
  }

  private MemberListResponse members() {
    // etcd gives no revision here.
    var response = MemberListResponse.newBuilder().setHeader(header.at(0));
    for (var member : node.cluster().members()) {
      response.addMembers(
          Member.newBuilder()
              .setID(member.id())
              .setName(member.name())
              .addAllPeerURLs(member.peerUrls())
              .addAllClientURLs(member.clientUrls())
              .setIsLearner(member.learner()));
    }
    return response.build();
  }
}
