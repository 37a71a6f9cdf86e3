package dev.kelvin.member;

import dev.kelvin.proto.care.AddRequest;
import dev.kelvin.proto.care.MembersResponse;
import dev.kelvin.proto.care.Routing;
import dev.kelvin.raft.RaftStatus;
import dev.kelvin.store.Member;
import java.util.List;

/** Members as the care service says them. */
final class CareMessages {
  private CareMessages() {}

  static dev.kelvin.proto.care.Member.Builder member(Member member) {
    return dev.kelvin.proto.care.Member.newBuilder()
        .setId(member.id())
        .setName(member.name())
        .addAllPeerUrls(member.peerUrls())
        .addAllClientUrls(member.clientUrls())
        .setLearner(member.learner())
        .setIncarnation(member.incarnation())
        .setFormat(member.format());
  }

  /** With what a leader knows. */
  static dev.kelvin.proto.care.Member.Builder member(Member member, RaftStatus status) {
    var said = member(member);
    if (member.id() == status.member()) {
      return said.setActive(true).setMatchIndex(status.lastIndex());
    }
    status.peers().stream()
        .filter(p -> p.member() == member.id())
        .forEach(p -> said.setActive(p.active()).setMatchIndex(p.match()));
    return said;
  }

  static Member member(dev.kelvin.proto.care.Member said) {
    return new Member(
        said.getId(),
        said.getName(),
        said.getPeerUrlsList(),
        said.getClientUrlsList(),
        said.getLearner(),
        said.getIncarnation(),
        said.getFormat());
  }

  static MembersResponse members(long clusterId, Member changed, List<Member> all) {
    var response = MembersResponse.newBuilder().setClusterId(clusterId).setMember(member(changed));
    all.forEach(m -> response.addMembers(member(m)));
    return response.build();
  }

  static List<Member> members(MembersResponse response) {
    return response.getMembersList().stream().map(CareMessages::member).toList();
  }

  static AddRequest add(Member member, Routing routing) {
    return AddRequest.newBuilder()
        .setMemberId(member.id())
        .addAllPeerUrls(member.peerUrls())
        .setLearner(member.learner())
        .setRouting(routing)
        .build();
  }
}
