package dev.kelvin.api.etcd;

import com.google.protobuf.MessageLite;
import dev.kelvin.api.ApiError;
import dev.kelvin.api.Exchange;
import dev.kelvin.api.Requests;
import dev.kelvin.member.MemberChanges;
import dev.kelvin.member.Node;
import dev.kelvin.member.PeerUrls;
import dev.kelvin.member.Refusal;
import dev.kelvin.proto.etcdserverpb.Member;
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
import dev.kelvin.store.MemberChange;
import dev.kelvin.store.Outcome;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** etcdserverpb.Cluster. */
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
    return Map.of(
        "MemberList",
        (in, call) -> list(MemberListRequest.parseFrom(in), call),
        "MemberAdd",
        (in, call) -> add(MemberAddRequest.parseFrom(in), call),
        "MemberRemove",
        (in, call) -> remove(MemberRemoveRequest.parseFrom(in), call),
        "MemberUpdate",
        (in, call) -> update(MemberUpdateRequest.parseFrom(in), call),
        "MemberPromote",
        (in, call) -> promote(MemberPromoteRequest.parseFrom(in), call));
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

  // etcd gives no revision in this service's headers.
  private Outcome members() {
    return new Outcome.Done(
        MemberListResponse.newBuilder()
            .setHeader(answers.header(0))
            .addAllMembers(said(node.cluster().members()))
            .build());
  }

  private void add(MemberAddRequest request, Exchange exchange) {
    var urls = request.getPeerURLsList();
    if (!PeerUrls.valid(urls)) {
      exchange.refuse(ApiError.of(Refusal.BAD_URLS));
      return;
    }
    change(
        PeerUrls.add(urls, request.getIsLearner()),
        exchange,
        (member, members) ->
            MemberAddResponse.newBuilder()
                .setHeader(answers.header(0))
                .setMember(said(member))
                .addAllMembers(said(members))
                .build());
  }

  private void remove(MemberRemoveRequest request, Exchange exchange) {
    change(
        new MemberChange.Remove(request.getID()),
        exchange,
        (member, members) ->
            MemberRemoveResponse.newBuilder()
                .setHeader(answers.header(0))
                .addAllMembers(said(members))
                .build());
  }

  private void update(MemberUpdateRequest request, Exchange exchange) {
    var urls = request.getPeerURLsList();
    if (!PeerUrls.valid(urls)) {
      exchange.refuse(ApiError.of(Refusal.BAD_URLS));
      return;
    }
    change(
        new MemberChange.Update(request.getID(), urls),
        exchange,
        (member, members) ->
            MemberUpdateResponse.newBuilder()
                .setHeader(answers.header(0))
                .addAllMembers(said(members))
                .build());
  }

  private void promote(MemberPromoteRequest request, Exchange exchange) {
    change(
        new MemberChange.Promote(request.getID()),
        exchange,
        (member, members) ->
            MemberPromoteResponse.newBuilder()
                .setHeader(answers.header(0))
                .addAllMembers(said(members))
                .build());
  }

  private void change(
      MemberChange change,
      Exchange exchange,
      BiFunction<dev.kelvin.store.Member, List<dev.kelvin.store.Member>, MessageLite> response) {
    var error = requests.admit(exchange, false);
    if (error != null) {
      exchange.refuse(error);
      return;
    }
    node.changes()
        .change(
            change,
            new MemberChanges.Answer() {
              @Override
              public void done(
                  dev.kelvin.store.Member member, List<dev.kelvin.store.Member> members) {
                exchange
                    .lane()
                    .execute(
                        () -> exchange.done(new Outcome.Done(response.apply(member, members))));
              }

              @Override
              public void refused(Refusal refusal) {
                exchange.lane().execute(() -> exchange.refuse(ApiError.of(refusal)));
              }
            });
  }

  private static List<Member> said(List<dev.kelvin.store.Member> members) {
    return members.stream().map(ClusterService::said).toList();
  }

  private static Member said(dev.kelvin.store.Member member) {
    return Member.newBuilder()
        .setID(member.id())
        .setName(member.name())
        .addAllPeerURLs(member.peerUrls())
        .addAllClientURLs(member.clientUrls())
        .setIsLearner(member.learner())
        .build();
  }
}
