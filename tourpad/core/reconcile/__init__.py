"""Do Stripe and the books agree, to the cent?"""
