package dev.kelvin.cli;

import dev.kelvin.client.Method;
import dev.kelvin.proto.etcdserverpb.Member;
import dev.kelvin.proto.etcdserverpb.MemberAddRequest;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.MemberPromoteRequest;
import dev.kelvin.proto.etcdserverpb.MemberRemoveRequest;
import dev.kelvin.proto.etcdserverpb.MemberUpdateRequest;
import dev.kelvin.proto.etcdserverpb.MoveLeaderRequest;
import dev.kelvin.proto.etcdserverpb.ResponseHeader;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import java.io.IOException;
import java.util.List;

/** {@code member}, and {@code move-leader}. */
final class Members {
  private Members() {}

  private static boolean json(Session session) {
    return session.form(Session.Form.PLAIN) == Session.Form.JSON;
  }

  static int list(Given given, Session session) throws IOException {
    var response =
        session
            .client()
            .call(Method.MEMBERS, MemberListRequest.newBuilder().setLinearizable(true).build());
    switch (session.form(Session.Form.TABLE)) {
      case JSON ->
          session.println(json(response.getHeader(), response.getMembersList()).toString());
      case TABLE -> {
        var table = new Table("ID", "STATUS", "NAME", "PEER ADDRESSES", "CLIENT ADDRESSES", "ROLE");
        for (var member : response.getMembersList()) {
          table.row(
              Bytes.id(member.getID()),
              status(member),
              member.getName(),
              String.join(",", member.getPeerURLsList()),
              String.join(",", member.getClientURLsList()),
              member.getIsLearner() ? "learner" : "voter");
        }
        session.print(table.toString());
      }
      case PLAIN -> {
        for (var member : response.getMembersList()) {
          session.println(
              String.join(
                  ", ",
                  Bytes.id(member.getID()),
                  status(member),
                  member.getName(),
                  String.join(",", member.getPeerURLsList()),
                  String.join(",", member.getClientURLsList()),
                  Boolean.toString(member.getIsLearner())));
        }
      }
    }
    return Exit.OK;
  }

  /** A name comes with the first start. */
  private static String status(Member member) {
    return member.getName().isEmpty() ? "unstarted" : "started";
  }

  private static Json json(ResponseHeader header, List<Member> members) {
    return Json.withHeader(header).objects("members", members, Members::member);
  }

  private static void member(Json json, Member member) {
    json.unsigned("ID", member.getID())
        .string("name", member.getName())
        .strings("peerURLs", member.getPeerURLsList())
        .strings("clientURLs", member.getClientURLsList())
        .flag("isLearner", member.getIsLearner());
  }

  private static List<String> peerUrls(Given given) {
    if (!given.has("--peer-urls")) {
      throw new UsageException("--peer-urls is needed: where the other members reach it");
    }
    return List.of(given.text("--peer-urls", "").split(","));
  }

  static int add(Given given, Session session) throws IOException {
    // The name is what the member will call itself; etcd's API does not carry it.
    var request =
        MemberAddRequest.newBuilder()
            .addAllPeerURLs(peerUrls(given))
            .setIsLearner(given.flag("--learner"))
            .build();
    var response = session.client().call(Method.ADD, request);
    session.println(
        json(session)
            ? Json.withHeader(response.getHeader())
                .object("member", m -> member(m, response.getMember()))
                .objects("members", response.getMembersList(), Members::member)
                .toString()
            : done(response.getMember().getID(), "added to", response.getHeader()));
    return Exit.OK;
  }

  static int update(Given given, Session session) throws IOException {
    long id = Given.id("ID", given.parameter(0));
    var request =
        MemberUpdateRequest.newBuilder().setID(id).addAllPeerURLs(peerUrls(given)).build();
    var response = session.client().call(Method.UPDATE, request);
    say(id, "updated in", response.getHeader(), response.getMembersList(), session);
    return Exit.OK;
  }

  static int promote(Given given, Session session) throws IOException {
    long id = Given.id("ID", given.parameter(0));
    var response =
        session.client().call(Method.PROMOTE, MemberPromoteRequest.newBuilder().setID(id).build());
    say(id, "promoted in", response.getHeader(), response.getMembersList(), session);
    return Exit.OK;
  }

  static int remove(Given given, Session session) throws IOException {
    long id = Given.id("ID", given.parameter(0));
    var response =
        session.client().call(Method.REMOVE, MemberRemoveRequest.newBuilder().setID(id).build());
    say(id, "removed from", response.getHeader(), response.getMembersList(), session);
    return Exit.OK;
  }

  private static void say(
      long id, String what, ResponseHeader header, List<Member> members, Session session)
      throws IOException {
    session.println(json(session) ? json(header, members).toString() : done(id, what, header));
  }

  private static String done(long id, String what, ResponseHeader header) {
    return "Member " + Bytes.id(id) + " " + what + " cluster " + Bytes.id(header.getClusterId());
  }

  static int moveLeader(Given given, Session session) throws IOException {
    long to = Given.id("ID", given.parameter(0));
    long from =
        session.client().call(Method.STATUS, StatusRequest.getDefaultInstance()).getLeader();
    var request = MoveLeaderRequest.newBuilder().setTargetID(to).build();
    var response = session.client().call(Method.MOVE_LEADER, request);
    session.println(
        json(session)
            ? Json.withHeader(response.getHeader()).toString()
            : "Leadership transferred from " + Bytes.id(from) + " to " + Bytes.id(to));
    return Exit.OK;
  }
}
