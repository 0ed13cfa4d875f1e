"""Why a customer is where they are: what a published file says of one customer, as a page for the terminal and for a browser."""
