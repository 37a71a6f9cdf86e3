package dev.kelvin.api.etcd;

import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.member.Node;
import dev.kelvin.proto.etcdserverpb.Member;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberListResponse;
import dev.kelvin.store.Outcome;
import java.util.Map;

/** etcdserverpb.Cluster, as far as it only looks: members change through the peer port. */
final class ClusterService {
  private final Node node;
  private final Requests requests;
  private final Answers answers;

  ClusterService(Node node, Requests requests, Answers answers) {
    this.node = node;
    this.requests = requests;
    this.answers = answers;
  }

  Map<String, Call.Method> methods() {
    return Map.of("MemberList", (in, call) -> list(MemberListRequest.parseFrom(in), call));
  }

  private void list(MemberListRequest request, Exchange exchange) {
    if (request.getLinearizable()) {
      requests.linearizable(exchange, () -> exchange.done(members()));
      return;
    }
    var error = requests.admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
    } else {
      exchange.done(members());
    }
  }

  private Outcome members() {
    // etcd gives no revision here.
    var response = MemberListResponse.newBuilder().setHeader(answers.header(0));
    for (var member : node.cluster().members()) {
      response.addMembers(
          Member.newBuilder()
              .setID(member.id())
              .setName(member.name())
              .addAllPeerURLs(member.peerUrls())
              .addAllClientURLs(member.clientUrls())
              .setIsLearner(member.learner()));
    }
    return new Outcome.Done(response.build());
  }
}
