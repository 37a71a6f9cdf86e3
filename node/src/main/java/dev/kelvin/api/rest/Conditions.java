package dev.kelvin.api.rest;

import com.google.protobuf.ByteString;
import dev.kelvin.proto.etcdserverpb.Compare;
import dev.kelvin.proto.etcdserverpb.Compare.CompareResult;
import dev.kelvin.proto.etcdserverpb.Compare.CompareTarget;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * What must hold of a key for a request to be carried out: {@code If-Match} and {@code
 * If-None-Match} (RFC 9110, section 13), where an entity tag is the key's modification revision in
 * quotes, and {@code *} stands for any.
 *
 * @param match null for no condition
 * @param noneMatch null for no condition
 */
record Conditions(String match, String noneMatch) {
  private static final String ANY = "*";

  /** Of no key ever. */
  private static final long NEVER = -1;

  /**
   * @throws ProblemException for what is no entity tag
   */
  static Conditions of(HttpServerRequest request) {
    return new Conditions(
        checked("If-Match", request.getHeader("If-Match")),
        checked("If-None-Match", request.getHeader("If-None-Match")));
  }

  private static String checked(String header, String value) {
    if (value != null && !value.strip().equals(ANY)) {
      tags(header, value);
    }
    return value;
  }

  static String tag(long modRevision) {
    return "\"" + modRevision + "\"";
  }

  boolean none() {
    return match == null && noneMatch == null;
  }

  /**
   * As a transaction compares. More than one tag in a header cannot be compared at once.
   *
   * @throws ProblemException for what is no entity tag
   */
  List<Compare> compares(ByteString key) {
    var compares = new ArrayList<Compare>();
    if (match != null) {
      compares.add(
          match.strip().equals(ANY)
              ? compare(key, CompareResult.GREATER, 0)
              : compare(key, CompareResult.EQUAL, only("If-Match", match)));
    }
    if (noneMatch != null) {
      compares.add(
          noneMatch.strip().equals(ANY)
              ? compare(key, CompareResult.EQUAL, 0)
              : compare(key, CompareResult.NOT_EQUAL, only("If-None-Match", noneMatch)));
    }
    return compares;
  }

  private static Compare compare(ByteString key, CompareResult result, long modRevision) {
    return Compare.newBuilder()
        .setKey(key)
        .setTarget(CompareTarget.MOD)
        .setResult(result)
        .setModRevision(modRevision)
        .build();
  }

  private static long only(String header, String value) {
    var tags = tags(header, value);
    if (tags.size() != 1) {
      throw Problem.badRequest(header + " of a write takes one entity tag, or *").exception();
    }
    var tag = tags.getFirst();
    if (tag.startsWith("W/")) {
      throw Problem.badRequest(header + " of a write takes no weak entity tag").exception();
    }
    return revision(tag);
  }

  /** Whether a reader has this version of a key already. */
  boolean has(long modRevision) {
    return noneMatch != null && matches("If-None-Match", noneMatch, modRevision);
  }

  /** Whether a reader wants another version of a key, or wants one that is not there. */
  boolean missed(long modRevision) {
    return match != null && !matches("If-Match", match, modRevision);
  }

  private static boolean matches(String header, String value, long modRevision) {
    return value.strip().equals(ANY)
        ? modRevision > 0
        : tags(header, value).stream().anyMatch(tag -> revision(tag) == modRevision);
  }

  private static List<String> tags(String header, String value) {
    var tags = new ArrayList<String>();
    for (var part : value.split(",")) {
      var tag = part.strip();
      if (!tag.matches("(W/)?\"[^\"]*\"")) {
        throw Problem.badRequest(header + " must be * or an entity tag in quotes, like \"5\"")
            .exception();
      }
      tags.add(tag);
    }
    return tags;
  }

  /** A tag that is not one of ours is that of no version. */
  private static long revision(String tag) {
    var digits = tag.substring(tag.indexOf('"') + 1, tag.length() - 1);
    return digits.matches("[1-9]\\d{0,17}") ? Long.parseLong(digits) : NEVER;
  }
}
