package dev.kelvin.cli;

import com.google.protobuf.ByteString;
import dev.kelvin.client.Method;
import dev.kelvin.proto.etcdserverpb.CompactionRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeRequest;
import dev.kelvin.proto.etcdserverpb.DeleteRangeResponse;
import dev.kelvin.proto.etcdserverpb.PutRequest;
import dev.kelvin.proto.etcdserverpb.PutResponse;
import dev.kelvin.proto.etcdserverpb.RangeRequest;
import dev.kelvin.proto.etcdserverpb.RangeRequest.SortOrder;
import dev.kelvin.proto.etcdserverpb.RangeRequest.SortTarget;
import dev.kelvin.proto.etcdserverpb.RangeResponse;
import dev.kelvin.proto.mvccpb.KeyValue;
import java.io.IOException;
import java.util.List;

/** put, get, del, compact. */
final class Keys {
  /** "\0": the smallest key, and an end that means none. */
  private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

  private Keys() {}

  /**
   * Which keys are meant.
   *
   * @param end as in etcd's API
   */
  record Range(ByteString key, ByteString end) {
    boolean single() {
      return end.isEmpty();
    }

    static Range of(Given given) {
      var key = given.bytes(0);
      boolean prefix = given.flag("--prefix");
      boolean from = given.flag("--from-key");
      if (prefix && from) {
        throw new UsageException("--prefix and --from-key contradict each other");
      }
      if (given.count() > 1) {
        if (prefix || from) {
          throw new UsageException((prefix ? "--prefix" : "--from-key") + " needs no END");
        }
        return new Range(key, given.bytes(1));
      }
      if (key.isEmpty() && !prefix && !from) {
        throw new UsageException("KEY must not be empty; for all keys there is --prefix");
      }
      var begin = key.isEmpty() ? ZERO : key;
      if (prefix) {
        return new Range(begin, key.isEmpty() ? ZERO : afterPrefix(key));
      }
      return new Range(begin, from ? ZERO : ByteString.EMPTY);
    }

    private static ByteString afterPrefix(ByteString prefix) {
      for (int i = prefix.size() - 1; i >= 0; i--) {
        if (prefix.byteAt(i) != -1) {
          var end = prefix.substring(0, i + 1).toByteArray();
          end[i]++;
          return ByteString.copyFrom(end);
        }
      }
      return ZERO;
    }
  }

  static int put(Given given, Session session) throws IOException {
    var response = session.client().call(Method.PUT, putRequest(given, session));
    if (session.form(Session.Form.PLAIN) == Session.Form.JSON) {
      var json = Json.withHeader(response.getHeader());
      putted(json, response);
      session.println(json.toString());
    } else {
      show(response, session);
    }
    return Exit.OK;
  }

  /**
   * @param session null where there is no standard input for a value
   */
  static PutRequest putRequest(Given given, Session session) throws IOException {
    boolean ignoreValue = given.flag("--ignore-value");
    var request =
        PutRequest.newBuilder()
            .setKey(given.bytes(0))
            .setPrevKv(given.flag("--prev-kv"))
            .setIgnoreValue(ignoreValue)
            .setIgnoreLease(given.flag("--ignore-lease"));
    if (given.has("--lease")) {
      request.setLease(Given.id("--lease", given.text("--lease", "")));
    }
    if (given.count() > 1) {
      if (ignoreValue) {
        throw new UsageException("--ignore-value needs no VALUE");
      }
      request.setValue(given.bytes(1));
    } else if (!ignoreValue) {
      if (session == null) {
        throw new UsageException("put needs VALUE");
      }
      request.setValue(ByteString.readFrom(session.in()));
    }
    return request.build();
  }

  static int get(Given given, Session session) throws IOException {
    var request = rangeRequest(given);
    var response =
        session
            .client()
            .call(request.getSerializable() ? Method.LOCAL_RANGE : Method.RANGE, request);
    if (request.getCountOnly() && session.form(Session.Form.PLAIN) != Session.Form.JSON) {
      session.println(Long.toString(response.getCount()));
      return Exit.OK;
    }
    switch (session.form(Session.Form.PLAIN)) {
      case JSON -> {
        var json = Json.withHeader(response.getHeader());
        ranged(json, response);
        session.println(json.toString());
      }
      case TABLE -> table(response.getKvsList(), session);
      case PLAIN -> {
        for (var kv : response.getKvsList()) {
          if (!given.flag("--value-only")) {
            line(kv.getKey(), session);
          }
          if (!request.getKeysOnly()) {
            line(kv.getValue(), session);
          }
        }
      }
    }
    return response.getCount() == 0 && !request.getCountOnly() ? Exit.NOT_FOUND : Exit.OK;
  }

  static RangeRequest rangeRequest(Given given) {
    var range = Range.of(given);
    boolean keysOnly = given.flag("--keys-only");
    if (keysOnly && given.flag("--value-only")) {
      throw new UsageException("--keys-only and --value-only contradict each other");
    }
    var request =
        RangeRequest.newBuilder()
            .setKey(range.key())
            .setRangeEnd(range.end())
            .setRevision(given.number("--rev"))
            .setLimit(given.number("--limit"))
            .setKeysOnly(keysOnly)
            .setCountOnly(given.flag("--count-only"))
            .setSerializable(given.text("--consistency", "l").equals("s"));
    if (given.has("--order") || given.has("--sort-by")) {
      request.setSortOrder(
          given.text("--order", "ascend").equals("descend") ? SortOrder.DESCEND : SortOrder.ASCEND);
      request.setSortTarget(
          switch (given.text("--sort-by", "key")) {
            case "version" -> SortTarget.VERSION;
            case "create" -> SortTarget.CREATE;
            case "modify" -> SortTarget.MOD;
            case "value" -> SortTarget.VALUE;
            default -> SortTarget.KEY;
          });
    }
    return request.build();
  }

  static int delete(Given given, Session session) throws IOException {
    var response = session.client().call(Method.DELETE, deleteRequest(given));
    switch (session.form(Session.Form.PLAIN)) {
      case JSON -> {
        var json = Json.withHeader(response.getHeader());
        deleted(json, response);
        session.println(json.toString());
      }
      case TABLE -> {
        session.println(Long.toString(response.getDeleted()));
        if (given.flag("--prev-kv")) {
          table(response.getPrevKvsList(), session);
        }
      }
      case PLAIN -> show(response, session);
    }
    return response.getDeleted() == 0 ? Exit.NOT_FOUND : Exit.OK;
  }

  static DeleteRangeRequest deleteRequest(Given given) {
    var range = Range.of(given);
    return DeleteRangeRequest.newBuilder()
        .setKey(range.key())
        .setRangeEnd(range.end())
        .setPrevKv(given.flag("--prev-kv"))
        .build();
  }

  static int compact(Given given, Session session) throws IOException {
    long revision = Given.number("REVISION", given.parameter(0));
    var response =
        session
            .client()
            .call(
                Method.COMPACT,
                CompactionRequest.newBuilder()
                    .setRevision(revision)
                    .setPhysical(given.flag("--physical"))
                    .build());
    session.println(
        session.form(Session.Form.PLAIN) == Session.Form.JSON
            ? Json.withHeader(response.getHeader()).toString()
            : "compacted revision " + revision);
    return Exit.OK;
  }

  static void show(PutResponse response, Session session) throws IOException {
    session.println("OK");
    if (response.hasPrevKv()) {
      show(response.getPrevKv(), session);
    }
  }

  static void show(DeleteRangeResponse response, Session session) throws IOException {
    session.println(Long.toString(response.getDeleted()));
    for (var kv : response.getPrevKvsList()) {
      show(kv, session);
    }
  }

  /** Key and value, a line each. */
  static void show(KeyValue kv, Session session) throws IOException {
    line(kv.getKey(), session);
    line(kv.getValue(), session);
  }

  private static void line(ByteString bytes, Session session) throws IOException {
    if (session.hex()) {
      session.print(Bytes.hex(bytes));
    } else {
      bytes.writeTo(session.out());
    }
    session.out().write('\n');
  }

  private static void table(List<KeyValue> kvs, Session session) throws IOException {
    var table = new Table("KEY", "VALUE", "VERSION", "CREATED", "MODIFIED", "LEASE");
    for (var kv : kvs) {
      table.row(
          cell(kv.getKey(), session),
          cell(kv.getValue(), session),
          Long.toString(kv.getVersion()),
          Long.toString(kv.getCreateRevision()),
          Long.toString(kv.getModRevision()),
          kv.getLease() == 0 ? "-" : Bytes.lease(kv.getLease()));
    }
    session.print(table.toString());
  }

  private static String cell(ByteString bytes, Session session) {
    return session.hex() ? Bytes.hex(bytes) : Bytes.readable(bytes);
  }

  static void putted(Json json, PutResponse response) {
    if (response.hasPrevKv()) {
      json.object("prev_kv", kv -> Json.keyValue(kv, response.getPrevKv()));
    }
  }

  static void ranged(Json json, RangeResponse response) {
    json.objects("kvs", response.getKvsList(), Json::keyValue)
        .flag("more", response.getMore())
        .number("count", response.getCount());
  }

  static void deleted(Json json, DeleteRangeResponse response) {
    json.number("deleted", response.getDeleted())
        .objects("prev_kvs", response.getPrevKvsList(), Json::keyValue);
  }
}
