package dev.kelvin.cli;

import dev.kelvin.client.Method;
import dev.kelvin.client.ServerException;
import dev.kelvin.proto.etcdserverpb.LeaseGrantRequest;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveRequest;
import dev.kelvin.proto.etcdserverpb.LeaseKeepAliveResponse;
import dev.kelvin.proto.etcdserverpb.LeaseLeasesRequest;
import dev.kelvin.proto.etcdserverpb.LeaseRevokeRequest;
import dev.kelvin.proto.etcdserverpb.LeaseTimeToLiveRequest;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/** {@code lease}: as etcdctl says it. */
final class Leases {
  private Leases() {}

  private static boolean json(Session session) {
    return session.form(Session.Form.PLAIN) == Session.Form.JSON;
  }

  static int grant(Given given, Session session) throws IOException {
    var request = LeaseGrantRequest.newBuilder().setTTL(Given.number("TTL", given.parameter(0)));
    if (given.has("--id")) {
      request.setID(Given.id("--id", given.text("--id", "")));
    }
    var response = session.client().call(Method.GRANT, request.build());
    session.println(
        json(session)
            ? Json.besideHeader(response.getHeader())
                .number("ID", response.getID())
                .number("TTL", response.getTTL())
                .always("Error", response.getError())
                .toString()
            : "lease "
                + Bytes.lease(response.getID())
                + " granted with TTL("
                + response.getTTL()
                + "s)");
    return Exit.OK;
  }

  static int revoke(Given given, Session session) throws IOException {
    long id = Given.id("ID", given.parameter(0));
    var response =
        session.client().call(Method.REVOKE, LeaseRevokeRequest.newBuilder().setID(id).build());
    session.println(
        json(session)
            ? Json.withHeader(response.getHeader()).toString()
            : "lease " + Bytes.lease(id) + " revoked");
    return Exit.OK;
  }

  static int keepAlive(Given given, Session session) throws IOException {
    long id = Given.id("ID", given.parameter(0));
    while (true) {
      var response = renew(id, session);
      long ttl = response.getTTL();
      if (ttl <= 0) {
        throw new FailedException(
            Exit.NOT_FOUND, "lease " + Bytes.lease(id) + " expired or revoked");
      }
      session.println(
          json(session)
              ? Json.besideHeader(response.getHeader())
                  .number("ID", id)
                  .number("TTL", ttl)
                  .toString()
              : "lease " + Bytes.lease(id) + " keepalived with TTL(" + ttl + ")");
      session.out().flush();
      if (given.flag("--once")) {
        return Exit.OK;
      }
      LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(ttl) / 3);
    }
  }

  /** By a stream of its own each time: nothing is lost with a connection. */
  private static LeaseKeepAliveResponse renew(long id, Session session) {
    var request = LeaseKeepAliveRequest.newBuilder().setID(id).build();
    long deadline = System.nanoTime() + session.timeout().toNanos();
    while (true) {
      try (var exchange = session.client().open(Method.KEEP_ALIVE, request, true)) {
        var response = exchange.next(session.timeout());
        if (response != null) {
          return response;
        }
        throw new IOException("ended the call");
      } catch (IOException e) {
        failed(session.client().endpoint() + " " + e.getMessage(), deadline);
      } catch (ServerException e) {
        if (e.code() != ServerException.UNAVAILABLE) {
          throw e;
        }
        failed(session.client().endpoint() + " says \"" + e.getMessage() + "\"", deadline);
      }
      session.client().moveOn();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
  }

  private static void failed(String happened, long deadline) {
    if (System.nanoTime() >= deadline) {
      throw new FailedException(Exit.NO_ENDPOINT, "no endpoint renewed it: " + happened);
    }
  }

  static int timeToLive(Given given, Session session) throws IOException {
    long id = Given.id("ID", given.parameter(0));
    var response =
        session
            .client()
            .call(
                Method.TIME_TO_LIVE,
                LeaseTimeToLiveRequest.newBuilder()
                    .setID(id)
                    .setKeys(given.flag("--keys"))
                    .build());
    boolean there = response.getTTL() >= 0;
    if (json(session)) {
      var json =
          Json.besideHeader(response.getHeader())
              .number("id", response.getID())
              .number("ttl", response.getTTL())
              .always("granted-ttl", response.getGrantedTTL());
      var keys = response.getKeysList().stream().map(Json::base64).toList();
      session.println((keys.isEmpty() ? json.none("keys") : json.strings("keys", keys)).toString());
    } else if (there) {
      var keys =
          response.getKeysList().stream().map(Bytes::readable).collect(Collectors.joining(" "));
      session.println(
          "lease "
              + Bytes.lease(id)
              + " granted with TTL("
              + response.getGrantedTTL()
              + "s), remaining("
              + response.getTTL()
              + "s)"
              + (given.flag("--keys") ? ", attached keys([" + keys + "])" : ""));
    } else {
      session.println("lease " + Bytes.lease(id) + " already expired");
    }
    return there ? Exit.OK : Exit.NOT_FOUND;
  }

  static int list(Given given, Session session) throws IOException {
    var response = session.client().call(Method.LEASES, LeaseLeasesRequest.getDefaultInstance());
    if (json(session)) {
      var json = Json.besideHeader(response.getHeader());
      session.println(
          (response.getLeasesCount() == 0
                  ? json.emptyList("leases")
                  : json.objects(
                      "leases",
                      response.getLeasesList(),
                      (lease, l) -> lease.number("id", l.getID())))
              .toString());
      return Exit.OK;
    }
    session.println("found " + response.getLeasesCount() + " leases");
    for (var lease : response.getLeasesList()) {
      session.println(Bytes.lease(lease.getID()));
    }
    return Exit.OK;
  }
}
