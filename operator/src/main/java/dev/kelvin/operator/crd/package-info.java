/**
 * The custom resource, as Java: its schema in {@code crds/} is generated from these classes, and
 * what is said here is what {@code kubectl explain} says.
 */
package dev.kelvin.operator.crd;
