package dev.kelvin.cli;

import dev.kelvin.client.Method;
import dev.kelvin.proto.etcdserverpb.ResponseOp;
import dev.kelvin.proto.etcdserverpb.TxnResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code txn}. */
final class Transactions {
  private Transactions() {}

  static int run(Given given, Session session) throws IOException {
    // A byte is a character here: texts hold any bytes.
    var text = new String(session.in().readAllBytes(), StandardCharsets.ISO_8859_1);
    var response = session.client().call(Method.TXN, TransactionText.parse(text));
    if (session.form(Session.Form.PLAIN) == Session.Form.JSON) {
      var json = Json.withHeader(response.getHeader());
      content(json, response);
      session.println(json.toString());
    } else {
      show(response, session);
    }
    return response.getSucceeded() ? Exit.OK : Exit.COMPARE_FAILED;
  }

  private static void show(TxnResponse response, Session session) throws IOException {
    session.println(response.getSucceeded() ? "SUCCESS" : "FAILURE");
    for (var op : response.getResponsesList()) {
      session.println("");
      switch (op.getResponseCase()) {
        case RESPONSE_PUT -> Keys.show(op.getResponsePut(), session);
        case RESPONSE_DELETE_RANGE -> Keys.show(op.getResponseDeleteRange(), session);
        case RESPONSE_RANGE -> {
          for (var kv : op.getResponseRange().getKvsList()) {
            Keys.show(kv, session);
          }
        }
        case RESPONSE_TXN -> show(op.getResponseTxn(), session);
        case RESPONSE_NOT_SET -> throw new FailedException(Exit.FAILURE, "an unknown answer");
      }
    }
  }

  private static void content(Json json, TxnResponse response) {
    json.flag("succeeded", response.getSucceeded())
        .objects(
            "responses",
            response.getResponsesList(),
            (op, r) -> op.object("Response", kind -> kind(kind, r)));
  }

  private static void kind(Json json, ResponseOp op) {
    switch (op.getResponseCase()) {
      case RESPONSE_PUT -> {
        var put = revision(op.getResponsePut().getHeader().getRevision());
        Keys.putted(put, op.getResponsePut());
        json.object("response_put", put);
      }
      case RESPONSE_DELETE_RANGE -> {
        var deleted = revision(op.getResponseDeleteRange().getHeader().getRevision());
        Keys.deleted(deleted, op.getResponseDeleteRange());
        json.object("response_delete_range", deleted);
      }
      case RESPONSE_RANGE -> {
        var ranged = revision(op.getResponseRange().getHeader().getRevision());
        Keys.ranged(ranged, op.getResponseRange());
        json.object("response_range", ranged);
      }
      case RESPONSE_TXN -> json.object("response_txn", txn -> content(txn, op.getResponseTxn()));
      case RESPONSE_NOT_SET -> throw new FailedException(Exit.FAILURE, "an unknown answer");
    }
  }

  private static Json revision(long revision) {
    return new Json().object("header", header -> header.number("revision", revision));
  }
}
