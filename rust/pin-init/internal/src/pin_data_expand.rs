// SPDX-License-Identifier: GPL-2.0

//! `#[pin_data]`: the code it generates.
//!
//! For a struct `S`, an anonymous constant holds these items:
//!
//! - `SPinData`, one method per field, which turns the address of an `S` into the slot of that
//!   field. The slot's type says whether the field is pinned; `pin_init!` has no other source for
//!   it.
//! - `SProjection` and `S::project`.
//! - `impl Unpin for S`, with bounds on the pinned fields alone.
//! - A refusal of `impl Drop for S`, or with `PinnedDrop` that impl itself.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::{Generics, Ident, Lifetime, LifetimeParam, WhereClause};

use crate::pin_data::{PinField, PinStruct};
use crate::util::without_self;

/// The parts of the struct that each piece of generated code repeats.
struct Context<'a> {
    parsed: &'a PinStruct,
    /// The struct's generics; `Self` is spelled out.
    generics: Generics,
    /// The same generics with `'__pin` in front.
    pin_generics: Generics,
    /// The struct's name.
    name: &'a Ident,
    /// `SPinData`
    data: Ident,
    /// `SProjection`
    projection: Ident,
    /// `SPinnedFields`
    pinned: Ident,
    span: Span,
}

/// Writes the struct and all the items that go with it.
pub(crate) fn expand(parsed: &PinStruct) -> TokenStream {
    let span = Span::mixed_site();
    let generics = spelled_out_generics(parsed);
    let mut pin_generics = generics.clone();
    let pin_lifetime = LifetimeParam::new(Lifetime::new("'__pin", span));
    pin_generics.params.insert(0, pin_lifetime.into());
    let name = &parsed.item.ident;
    let hidden = crate::util::unnameable();
    let context = Context {
        parsed,
        generics,
        pin_generics,
        name,
        data: format_ident!("{}PinData", name, span = hidden),
        projection: format_ident!("{}Projection", name, span = hidden),
        pinned: format_ident!("{}PinnedFields", name, span = hidden),
        span,
    };
    let pin_data = pin_data(&context);
    let projection = projection(&context);
    let unpin = unpin(&context);
    let drop = match parsed.pinned_drop {
        Some(place) => pinned_drop(&context, place),
        None => no_drop(&context),
    };
    let item = &parsed.item;
    quote_spanned! {span=>
        #item
        const _: () = {
            #pin_data
            #projection
            #unpin
            #drop
        };
    }
}

/// Returns the generics, their bounds free of `Self`.
fn spelled_out_generics(parsed: &PinStruct) -> Generics {
    let item = &parsed.item;
    let mut generics = item.generics.clone();
    for param in generics.type_params_mut() {
        for bound in &mut param.bounds {
            if let Ok(new) = syn::parse2(without_self(&*bound, item)) {
                *bound = new;
            }
        }
    }
    if let Some(clause) = &generics.where_clause
        && let Ok(clause) = syn::parse2::<WhereClause>(without_self(clause, item))
    {
        generics.where_clause = Some(clause);
    }
    generics
}

/// Writes `SPinData`, which turns the address of the struct into the slot of a field.
fn pin_data(context: &Context<'_>) -> TokenStream {
    let (name, span, vis) = (context.name, context.span, &context.parsed.item.vis);
    let (imp, ty, wher) = context.generics.split_for_impl();
    let data = &context.data;
    let phantom = quote_spanned!(span=> __ours_root::__internal::core::marker::PhantomData<fn(*mut #name #ty)>);
    let generics = &context.generics;
    let methods = context
        .parsed
        .fields
        .iter()
        .map(|f| slot_method(context, f));
    let proof = proof(context);
    quote_spanned! {span=>
        #[doc(hidden)]
        #vis struct #data #generics #wher { __phantom: #phantom }

        #[automatically_derived]
        impl #imp __ours_root::__internal::core::clone::Clone for #data #ty #wher {
            fn clone(&self) -> Self {
                *self
            }
        }

        #[automatically_derived]
        impl #imp __ours_root::__internal::core::marker::Copy for #data #ty #wher {}

        impl #imp #data #ty #wher {
            #(#methods)*
        }

        // SAFETY: `PinData` requires that each method returns the slot of the field of its name,
        // pinned exactly if the field is `#[pin]`. The methods above are made from one declaration.
        // `__all_fields` below compiles only if that is the declaration of the struct.
        __ours_unsafe impl #imp __ours_root::__internal::PinData for #data #ty #wher __ours_body {
            type Datee = #name #ty;
        }

        // SAFETY: `HasPinData` requires a struct that can pin its fields, and its `PinData`;
        // `__all_fields` compiles for nothing else.
        #[doc(hidden)]
        __ours_unsafe impl #imp __ours_root::__internal::HasPinData for #name #ty #wher __ours_body {
            type PinData = #data #ty;

            fn __pin_data() -> Self::PinData {
                #data { __phantom: __ours_root::__internal::core::marker::PhantomData }
            }

            #proof
        }
    }
}

/// Writes a function that compiles only if the declaration is that of the type which has its name.
///
/// The parsed tokens may be the definition of another type, or of one that is `cfg`ed out. `Self`
/// is the type that gets the impl. The function checks it in three ways:
///
/// - A pattern without `..` names each of its fields. An enum has no such pattern.
/// - No reference can be made to a field of a union, nor to a misaligned one of a packed struct.
/// - The types that the other items give for a field are compared with the type of the field. They
///   may differ even if the tokens are the same: a macro can expand to `Self`.
fn proof(context: &Context<'_>) -> TokenStream {
    let Context {
        projection, pinned, ..
    } = context;
    let span = context.span;
    let (_, pin_ty, _) = context.pin_generics.split_for_impl();
    let fields = &context.parsed.fields;
    let members = fields.iter().map(|f| {
        let PinField { member, cfgs, .. } = f;
        quote_spanned!(span=> #(#cfgs)* #member: _,)
    });
    let comparisons = fields.iter().map(|f| comparison(f, span));
    quote_spanned! {span=>
        // `inline` keeps the compiler from generating code for it.
        #[inline]
        fn __all_fields<'__pin>(this: &'__pin mut Self) {
            let Self { #(#members)* } = this;
            let mut projection: #projection #pin_ty = __ours_root::__internal::conjure();
            let mut pinned: #pinned #pin_ty = __ours_root::__internal::conjure();
            let _ = (&mut projection, &mut pinned);
            #(#comparisons)*
        }
    }
}

/// Compares one field with the types given for it elsewhere. Each type is found before it is
/// compared, so that nothing is coerced.
fn comparison(field: &PinField, span: Span) -> TokenStream {
    let PinField {
        member,
        accessor,
        cfgs,
        pinned,
        ..
    } = field;
    let check = if *pinned {
        quote_spanned! {span=>
            field.is_pinned_in_projection(projected);
            let field = __ours_root::__internal::FieldType::of(&mut this.#member);
            let listed = __ours_root::__internal::FieldType::of(&mut pinned.#accessor);
            field.is_listed(listed);
        }
    } else {
        quote_spanned!(span=> field.is_in_projection(projected);)
    };
    quote_spanned! {span=>
        #(#cfgs)*
        {
            let field = __ours_root::__internal::FieldType::of(&mut this.#member);
            let projected = __ours_root::__internal::FieldType::of(&mut projection.#accessor);
            #check
        }
    }
}

/// Writes one method of `SPinData`.
fn slot_method(context: &Context<'_>, field: &PinField) -> TokenStream {
    let (name, span) = (context.name, context.span);
    let (_, ty_generics, _) = context.generics.split_for_impl();
    let PinField {
        member,
        accessor,
        cfgs,
        vis,
        pinned,
        ..
    } = field;
    let ty = without_self(&field.ty, &context.parsed.item);
    let slot = if *pinned {
        quote_spanned!(span=> PinSlot)
    } else {
        quote_spanned!(span=> Slot)
    };
    quote_spanned! {span=>
        /// The slot of the field of this name.
        ///
        /// # Safety
        ///
        /// `slot` points to memory for the struct, writable and aligned, and pinned from now on.
        /// The field is not initialised, and the slot is the only one for it.
        #(#cfgs)*
        #[inline(always)]
        #vis __ours_unsafe fn #accessor(
            self,
            slot: *mut #name #ty_generics,
        ) -> __ours_root::__internal::#slot<#ty> __ours_body {
            // SAFETY: a place in `*slot` requires memory for the struct; this function requires the
            // same of its caller.
            let field = __ours_unsafe { &raw mut (*slot).#member };
            // SAFETY: `new` requires the same as this function, for the field; the caller promises
            // it.
            let field = __ours_unsafe { __ours_root::__internal::#slot::new(field) };
            // The field has the type above, or this does not compile: nothing turns a slot into one
            // of another type.
            field
        }
    }
}

/// `SProjection` and the method that makes it.
fn projection(context: &Context<'_>) -> TokenStream {
    let (name, span, vis) = (context.name, context.span, &context.parsed.item.vis);
    let (imp, ty, wher) = context.generics.split_for_impl();
    let (_, pin_ty, _) = context.pin_generics.split_for_impl();
    let pin_generics = &context.pin_generics;
    let projection = &context.projection;
    let fields = &context.parsed.fields;
    let declarations = fields.iter().map(|f| projected_type(context, f));
    let values = fields.iter().map(|f| projected_value(f, span));
    quote_spanned! {span=>
        #[doc(hidden)]
        #vis struct #projection #pin_generics #wher {
            #(#declarations)*
            __phantom: __ours_root::__internal::core::marker::PhantomData<&'__pin mut #name #ty>,
        }

        impl #imp #name #ty #wher {
            /// Borrows every field: `Pin<&mut _>` where it is `#[pin]`, `&mut _` otherwise.
            #[inline]
            #vis fn project<'__pin>(
                self: __ours_root::__internal::core::pin::Pin<&'__pin mut Self>,
            ) -> #projection #pin_ty {
                // SAFETY: `get_unchecked_mut` requires that nothing is moved out of the reference.
                // It is only split into its fields, and the pinned ones are pinned again below.
                let this = __ours_unsafe { __ours_root::__internal::core::pin::Pin::get_unchecked_mut(self) };
                #projection {
                    #(#values)*
                    __phantom: __ours_root::__internal::core::marker::PhantomData,
                }
            }
        }
    }
}

/// Writes the declaration of one field of `SProjection`.
fn projected_type(context: &Context<'_>, field: &PinField) -> TokenStream {
    let PinField {
        accessor,
        cfgs,
        vis,
        ..
    } = field;
    let span = context.span;
    let ty = without_self(&field.ty, &context.parsed.item);
    let reference = if field.pinned {
        quote_spanned!(span=> __ours_root::__internal::core::pin::Pin<&'__pin mut #ty>)
    } else {
        quote_spanned!(span=> &'__pin mut #ty)
    };
    quote_spanned!(span=> #(#cfgs)* #vis #accessor: #reference,)
}

/// Writes the value of one field of `SProjection`.
fn projected_value(field: &PinField, span: Span) -> TokenStream {
    let PinField {
        member,
        accessor,
        cfgs,
        ..
    } = field;
    if field.pinned {
        quote_spanned! {span=>
            #(#cfgs)*
            // SAFETY: `new_unchecked` requires that the field is pinned. The struct is pinned, it
            // has no safe way to move this field, and it is `Unpin` only if the field is.
            #accessor: __ours_unsafe { __ours_root::__internal::core::pin::Pin::new_unchecked(&mut this.#member) },
        }
    } else {
        quote_spanned!(span=> #(#cfgs)* #accessor: &mut this.#member,)
    }
}

/// Writes the impl of `Unpin`, which holds if all pinned fields are `Unpin`.
fn unpin(context: &Context<'_>) -> TokenStream {
    let (name, span) = (context.name, context.span);
    let (_, ty, _) = context.generics.split_for_impl();
    let (pin_imp, pin_ty, wher) = context.pin_generics.split_for_impl();
    let pin_generics = &context.pin_generics;
    let pinned = &context.pinned;
    let fields = context.parsed.fields.iter().filter(|f| f.pinned).map(|f| {
        let PinField { accessor, cfgs, .. } = f;
        let ty = without_self(&f.ty, &context.parsed.item);
        quote_spanned!(span=> #(#cfgs)* #accessor: __ours_root::__internal::core::marker::PhantomData<#ty>,)
    });
    let predicates = wher.map(|clause| &clause.predicates);
    let predicates = predicates.into_iter().flatten();
    quote_spanned! {span=>
        // The lifetime keeps the compiler from deciding, and refusing, the bound below at this
        // place.
        #[doc(hidden)]
        struct #pinned #pin_generics #wher {
            __pin: __ours_root::__internal::core::marker::PhantomData<&'__pin ()>,
            __phantom: __ours_root::__internal::core::marker::PhantomData<fn(*mut #name #ty)>,
            #(#fields)*
        }

        impl #pin_imp __ours_root::__internal::core::marker::Unpin for #name #ty
        where
            #(#predicates,)*
            #pinned #pin_ty: __ours_root::__internal::core::marker::Unpin,
        {
        }
    }
}

/// Writes the impls by which `impl Drop`, and a `PinnedDrop` that nobody would call, conflict with
/// a blanket impl.
fn no_drop(context: &Context<'_>) -> TokenStream {
    let (name, span) = (context.name, context.span);
    let (imp, ty, wher) = context.generics.split_for_impl();
    quote_spanned! {span=>
        impl #imp __ours_root::__internal::UsePinnedDropInsteadOfDrop for #name #ty #wher {}
        impl #imp __ours_root::__internal::PinnedDropNeedsArgumentOfPinData for #name #ty #wher {}
    }
}

/// Writes the impl of `Drop`, which calls `PinnedDrop`.
fn pinned_drop(context: &Context<'_>, place: Span) -> TokenStream {
    let (name, span) = (context.name, context.span);
    let (imp, ty, wher) = context.generics.split_for_impl();
    let call = quote_spanned! {crate::util::hidden_at(place)=>
        __ours_root::PinnedDrop::drop(pinned, token)
    };
    quote_spanned! {span=>
        impl #imp __ours_root::__internal::core::ops::Drop for #name #ty #wher {
            fn drop(&mut self) {
                // SAFETY: `new_unchecked` requires that the value does not move again; it is being
                // dropped.
                let pinned = __ours_unsafe { __ours_root::__internal::core::pin::Pin::new_unchecked(self) };
                // SAFETY: `new` requires a call from `Drop::drop`, and that the token is given to
                // that value's `PinnedDrop::drop`; both hold here.
                let token = __ours_unsafe { __ours_root::__internal::OnlyCallFromDrop::new() };
                #call
            }
        }
    }
}
