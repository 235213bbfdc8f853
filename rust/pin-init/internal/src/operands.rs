// SPDX-License-Identifier: GPL-2.0

//! Expressions that a `macro_rules!` macro has passed on.
//!
//! In `$e * 2`, the expression that `$e` stands for is one operand, even if it is `1 + 2`. The
//! compiler marks it as one with a group that has no delimiters, and forgets the group when a
//! procedural macro returns it. So the expression gets parentheses here.
//!
//! (This file is a module of `pin_init_internal` and of `macros`.)

use proc_macro2::Span;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprParen, token};

/// Keeps the tokens together that were passed on as one expression.
pub(crate) struct KeepTogether;

impl VisitMut for KeepTogether {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        visit_mut::visit_expr_mut(self, expr);
        if let Expr::Group(group) = expr
            && !is_one(&group.expr)
        {
            let placeholder = Expr::Verbatim(Default::default());
            *expr = Expr::Paren(ExprParen {
                attrs: Vec::new(),
                paren_token: token::Paren(Span::mixed_site()),
                expr: std::mem::replace(&mut group.expr, Box::new(placeholder)),
            });
        }
    }
}

/// Returns whether the code around an expression cannot take a part of it.
fn is_one(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::Array(_)
            | Expr::Call(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::Lit(_)
            | Expr::MethodCall(_)
            | Expr::Paren(_)
            | Expr::Path(_)
            | Expr::Repeat(_)
            | Expr::Try(_)
            | Expr::Tuple(_)
    )
}
