/**
 * From Kubernetes' objects and nodes' answers to {@link dev.kelvin.operator.facts.Facts}: pure
 * translation, whoever fetched them.
 */
package dev.kelvin.operator.observe;
