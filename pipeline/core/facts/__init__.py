"""What is true of an order, a customer or a promise, judged once for all that read it. What follows from it belongs to the other subjects."""
