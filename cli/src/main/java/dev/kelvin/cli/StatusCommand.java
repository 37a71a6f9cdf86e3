package dev.kelvin.cli;

import dev.kelvin.client.Client;
import dev.kelvin.client.Endpoint;
import dev.kelvin.client.Method;
import dev.kelvin.client.NoEndpointException;
import dev.kelvin.client.ServerException;
import dev.kelvin.proto.etcdserverpb.MemberListRequest;
import dev.kelvin.proto.etcdserverpb.StatusRequest;
import dev.kelvin.proto.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** {@code status}: how nodes stand, each asked for itself. */
final class StatusCommand {
  /** For each node: others are to be shown too. */
  private static final Duration LONGEST = Duration.ofSeconds(2);

  private StatusCommand() {}

  /** What a node answered; null for one that did not. */
  private record Found(Endpoint endpoint, StatusResponse status) {
    boolean answered() {
      return status != null;
    }

    boolean leads() {
      return status.getLeader() == status.getHeader().getMemberId();
    }
  }

  static int run(Given given, Session session) throws IOException {
    var limit = session.timeout().compareTo(LONGEST) < 0 ? session.timeout() : LONGEST;
    var found = new ArrayList<Found>();
    for (var endpoint : given.flag("--cluster") ? members(session) : session.endpoints()) {
      found.add(ask(endpoint, limit, session));
    }
    switch (session.form(Session.Form.TABLE)) {
      case JSON -> json(found, session);
      case TABLE -> table(found, session);
      case PLAIN -> plain(found, session);
    }
    if (found.stream().noneMatch(Found::answered)) {
      return Exit.NO_ENDPOINT;
    }
    return found.stream().allMatch(Found::answered) ? Exit.OK : Exit.FAILURE;
  }

  private static List<Endpoint> members(Session session) {
    var response = session.client().call(Method.MEMBERS, MemberListRequest.getDefaultInstance());
    // One that has not started yet has told nobody where it serves.
    try {
      return response.getMembersList().stream()
          .filter(m -> m.getClientURLsCount() > 0)
          .map(m -> Endpoint.parse(m.getClientURLs(0)))
          .toList();
    } catch (IllegalArgumentException e) {
      throw new FailedException(Exit.FAILURE, "a member's client address: " + e.getMessage());
    }
  }

  private static Found ask(Endpoint endpoint, Duration limit, Session session) {
    try (var client = new Client(List.of(endpoint), limit)) {
      return new Found(endpoint, client.call(Method.STATUS, StatusRequest.getDefaultInstance()));
    } catch (NoEndpointException e) {
      session.say(e.getMessage());
    } catch (ServerException e) {
      session.say(endpoint + " says: " + e.getMessage());
    }
    return new Found(endpoint, null);
  }

  private static void table(List<Found> found, Session session) throws IOException {
    if (found.stream().noneMatch(Found::answered)) {
      return;
    }
    var table =
        new Table(
            "ENDPOINT",
            "ID",
            "VERSION",
            "SIZE",
            "ROLE",
            "TERM",
            "INDEX",
            "APPLIED",
            "REVISION",
            "ERRORS");
    for (var node : found) {
      var status = node.status;
      if (status == null) {
        table.row(node.endpoint.toString(), "-", "-", "-", "no answer", "-", "-", "-", "-", "-");
        continue;
      }
      table.row(
          node.endpoint.toString(),
          Bytes.id(status.getHeader().getMemberId()),
          status.getVersion(),
          Bytes.size(status.getDbSize()),
          status.getIsLearner() ? "learner" : node.leads() ? "leader" : "follower",
          Long.toUnsignedString(status.getRaftTerm()),
          Long.toUnsignedString(status.getRaftIndex()),
          Long.toUnsignedString(status.getRaftAppliedIndex()),
          Long.toString(status.getHeader().getRevision()),
          status.getErrorsCount() == 0 ? "-" : String.join("; ", status.getErrorsList()));
    }
    session.print(table.toString());
  }

  /** As etcdctl's endpoint status. */
  private static void plain(List<Found> found, Session session) throws IOException {
    for (var node : found) {
      var status = node.status;
      if (status != null) {
        session.println(
            String.join(
                ", ",
                node.endpoint.toString(),
                Bytes.id(status.getHeader().getMemberId()),
                status.getVersion(),
                Bytes.size(status.getDbSize()),
                Boolean.toString(node.leads()),
                Boolean.toString(status.getIsLearner()),
                Long.toUnsignedString(status.getRaftTerm()),
                Long.toUnsignedString(status.getRaftIndex()),
                Long.toUnsignedString(status.getRaftAppliedIndex()),
                String.join("; ", status.getErrorsList())));
      }
    }
  }

  private static void json(List<Found> found, Session session) throws IOException {
    var all = new ArrayList<String>();
    for (var node : found) {
      var status = node.status;
      var json = new Json().string("Endpoint", node.endpoint.toString());
      if (status != null) {
        json.object(
            "Status",
            Json.withHeader(status.getHeader())
                .string("version", status.getVersion())
                .number("dbSize", status.getDbSize())
                .unsigned("leader", status.getLeader())
                .unsigned("raftIndex", status.getRaftIndex())
                .unsigned("raftTerm", status.getRaftTerm())
                .unsigned("raftAppliedIndex", status.getRaftAppliedIndex())
                .strings("errors", status.getErrorsList())
                .number("dbSizeInUse", status.getDbSizeInUse())
                .flag("isLearner", status.getIsLearner())
                .string("storageVersion", status.getStorageVersion()));
      }
      all.add(json.toString());
    }
    session.println("[" + String.join(",", all) + "]");
  }
}
